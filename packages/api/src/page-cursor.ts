/**
 * Cursors: where the next page begins, opaque to the caller. They are not secret and not signed: what a forged one
 * reaches, a query reaches too.
 */
import { Refusal } from "@baton/domain";
import { z } from "zod";

/** CursorPart is a text or a finite number (−0 comes back as 0). */
type CursorPart = string | number;

const partsSchema = z.array(z.union([z.string(), z.number()]));

/** encodeCursor writes `parts` as base64url, safe in a query string without escaping. */
export function encodeCursor(parts: readonly CursorPart[]): string {
  return Buffer.from(JSON.stringify(parts)).toString("base64url");
}

/**
 * decodeCursor gives back the parts; throws Refusal `invalid-request` for a text that `encodeCursor` cannot have
 * written.
 */
export function decodeCursor(text: string): readonly CursorPart[] {
  const parts = partsSchema.safeParse(parseOrUndefined(Buffer.from(text, "base64url").toString()));
  if (parts.success && encodeCursor(parts.data) === text) return parts.data;
  throw invalidCursorRefusal();
}

/** invalidCursorRefusal turns down a cursor that this API did not give out. */
export function invalidCursorRefusal(): Refusal {
  return new Refusal("invalid-request", "The cursor is not one that this API gave out; start again without it.", {
    errors: [{ pointer: "/cursor", message: "send `nextCursor` of the page before, unchanged" }],
  });
}

function parseOrUndefined(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
