/** Pseudo numbers: however they are spelled, only their digits count. */
import { z } from "zod";

/** A pseudo number's digits: 3 for an extension, 20 for E.164 (15) behind a trunk prefix. */
const MIN_DIGITS = 3;
const MAX_DIGITS = 20;

/** digitsOf keeps a number's digits: `+1 (555) 010-0100` and `15550100100` are the same number. */
export function digitsOf(number: string): string {
  return number.replaceAll(/\D/g, "");
}

/** pseudoNumberSchema is a number as people write it. */
export const pseudoNumberSchema = z
  .string()
  .regex(/^\+?[\d ().-]{1,40}$/, { error: "send a number: digits, with + ( ) . - and spaces between them", abort: true })
  .refine((number) => digitsOf(number).length >= MIN_DIGITS && digitsOf(number).length <= MAX_DIGITS, {
    error: `send ${MIN_DIGITS} to ${MAX_DIGITS} digits`,
  });
