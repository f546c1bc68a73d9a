/** Numbers of JSON that JavaScript's do not hold: found where a text is read, so that none is changed unseen. */

/** InexactNumber stands in parsed JSON where the number was that would be written otherwise than it was sent. */
export class InexactNumber {
  /** As it was sent. */
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

/** A number with 16 digits or more, or with an exponent; every other one is held as it is. */
const MAY_BE_INEXACT = /[[:,]\s*-?(?:[\d.]{16}|[\d.]+e)/i;

/** What JavaScript's types do not know yet of JSON.parse. */
type ReviveWithSource = (key: string, value: unknown, context: { readonly source?: string }) => unknown;

/**
 * markInexactNumbersInJson gives what JSON.parse made of an object's or list's `text`, with an InexactNumber in place
 * of each number that loses digits, or becomes Infinity or 0. Never throws: what nests too deep to be looked at stays
 * as it is.
 */
export function markInexactNumbersInJson(text: string, parsed: unknown): unknown {
  if (!MAY_BE_INEXACT.test(text)) return parsed;
  const mark: ReviveWithSource = (_, value, { source }) =>
    typeof value === "number" && source !== undefined && !isHeld(source, value) ? new InexactNumber(source) : value;
  try {
    return JSON.parse(text, mark as (key: string, value: unknown) => unknown);
  } catch (error) {
    if (error instanceof RangeError) return parsed;
    throw error;
  }
}

/** findInexactNumberPaths gives the path of each InexactNumber; recursive, so for a value of bounded depth. */
export function findInexactNumberPaths(value: unknown, path: readonly PropertyKey[] = []): PropertyKey[][] {
  if (value instanceof InexactNumber) return [[...path]];
  if (typeof value !== "object" || value === null) return [];
  const members = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return members.flatMap(([name, member]) => findInexactNumberPaths(member, [...path, name]));
}

/** DOUBLE_DIGITS are enough to write any double, and some languages always write so many. */
const DOUBLE_DIGITS = 17;

function isHeld(source: string, value: number): boolean {
  if (!Number.isFinite(value)) return false;
  const [sent, held] = [decimalOf(source), decimalOf(String(value))];
  if (sent.digits === held.digits && sent.exponent === held.exponent) return true;
  // A fraction that another language wrote with all digits of the very same double.
  const isFraction = sent.exponent < 0 && Math.abs(value) <= Number.MAX_SAFE_INTEGER;
  return isFraction && value !== 0 && sent.digits.length <= DOUBLE_DIGITS;
}

/** decimalOf gives a number's digits without zeros at either end, and the power of ten of the last; "" for zero. */
function decimalOf(text: string): { readonly digits: string; readonly exponent: number } {
  const [, whole = "", fraction = "", power = "0"] = /^-?(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(text) ?? [];
  const all = (whole + fraction).replace(/^0+/, "");
  const digits = withoutZerosAtEnd(all);
  return { digits, exponent: digits === "" ? 0 : Number(power) - fraction.length + all.length - digits.length };
}

function withoutZerosAtEnd(digits: string): string {
  let end = digits.length;
  while (digits[end - 1] === "0") end -= 1;
  return digits.slice(0, end);
}
