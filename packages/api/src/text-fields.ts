/** Text that callers send: plain text, printable keys and ids, pseudo numbers. */
import { normalizePseudoNumberToDigits } from "@baton/domain";
import { z } from "zod";

// C0, DEL and C1.
const NO_CONTROL_CHARACTERS = /^[^\x00-\x1f\x7f-\x9f]*$/;
/** The same, with at least one character that is no blank, as far as every dialect of regular expressions says so. */
const WITH_TEXT = /^[^\x00-\x1f\x7f-\x9f]*[^\x00-\x20\x7f-\xa0][^\x00-\x1f\x7f-\x9f]*$/;

/**
 * plainTextSchema takes 1 to `most` characters (code points), none of them a control character or half of a surrogate
 * pair, and not blanks alone.
 */
export function plainTextSchema(most: number) {
  return z
    .string()
    .refine((text) => isPlainText(text, most), {
      error: `send 1 to ${most} characters, without control characters, and not blanks alone`,
    })
    .meta({ minLength: 1, maxLength: most, pattern: WITH_TEXT.source });
}

function isPlainText(text: string, most: number): boolean {
  // Code points are at most as many as the units that a string is long of, and at least half of them.
  if (text.length === 0 || text.length > 2 * most || !NO_CONTROL_CHARACTERS.test(text) || !text.isWellFormed())
    return false;
  return !isBlank(text) && [...text].length <= most;
}

/** isBlank says whether a text has nothing in it that can be seen. */
export function isBlank(text: string): boolean {
  return text.trim() === "";
}

/** PRINTABLE is printable ASCII: what travels unharmed through a header, a URL and a log line. */
const PRINTABLE = /^[\x20-\x7e]{1,255}$/;

const printableSchema = z.string().regex(PRINTABLE, { error: "send 1 to 255 printable ASCII characters" });

/** idempotencyKeySchema: 1 to 255 printable ASCII characters, kept 24 h per connector. */
export const idempotencyKeySchema = printableSchema.meta({
  description:
    "Makes a repeat safe, for 24 h per connector: the same key with the same body answers the same handoff as it is now, with another body it is refused.",
  examples: ["b7f3c1de-handoff-1"],
});

/**
 * sharedIdSchema: 1 to 255 printable ASCII characters, the same rule as for an idempotency key, because it too travels
 * in a query string.
 */
export const sharedIdSchema = printableSchema.meta({
  description: "The caller's own id for this conversation; handoffs can be searched by it. Need not be unique.",
  examples: ["conversation-8f2c"],
});

/** A pseudo number's digits: 3 for an extension, 20 for E.164 (15) behind a trunk prefix. */
const MIN_DIGITS = 3;
const MAX_DIGITS = 20;
/** MAX_LENGTH in characters, with everything that people write between digits. */
const MAX_LENGTH = 41;

/** pseudoNumberSchema is a number as people write it. */
export const pseudoNumberSchema = z
  .string()
  .max(MAX_LENGTH, { abort: true })
  .regex(/^\+?[0-9 ().-]*$/, { error: "send a number: digits, with + ( ) . - and spaces between them", abort: true })
  .refine(hasPseudoNumberDigits, { error: `send ${MIN_DIGITS} to ${MAX_DIGITS} digits` })
  .meta({ pattern: `^\\+?[ ().-]*([0-9][ ().-]*){${MIN_DIGITS},${MAX_DIGITS}}$` });

function hasPseudoNumberDigits(number: string): boolean {
  const { length } = normalizePseudoNumberToDigits(number);
  return length >= MIN_DIGITS && length <= MAX_DIGITS;
}
