/** Pseudo numbers: however they are spelled, only their digits count. */

/** digitsOf keeps a number's digits: `+1 (555) 010-0100` and `15550100100` are the same number. */
export function digitsOf(pseudoNumber: string): string {
  return pseudoNumber.replaceAll(/\D/g, "");
}
