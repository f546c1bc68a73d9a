/** Text as callers may send it, with patterns that JSON Schema, Python, Go and Java read alike. */
import { z } from "zod";

// C0, DEL and C1.
const PLAIN = /^[^\x00-\x1f\x7f-\x9f]*$/;

/**
 * plainText takes 1 to `most` characters (code points), none of them a control character or half of a surrogate pair.
 */
export function plainText(most: number) {
  return z
    .string()
    .refine((text) => isPlain(text, most), { error: `send 1 to ${most} characters, without control characters` })
    .meta({ minLength: 1, maxLength: most, pattern: PLAIN.source });
}

function isPlain(text: string, most: number): boolean {
  // Code points are at most as many as the units that a string is long of, and at least half of them.
  if (text.length === 0 || text.length > 2 * most || !PLAIN.test(text) || !text.isWellFormed()) return false;
  return [...text].length <= most;
}
