/** Canonical JSON: one text for one value, however its members were ordered. */
import stringify from "safe-stable-stringify";

/**
 * DEEPEST: levels of objects and arrays beyond what any handoff takes (its context may have 64), and below what
 * recursion bears.
 */
const DEEPEST = 100;

// Not RFC 8785 to the letter: that refuses a lone surrogate, which a context may hold.
const write = stringify.configure({ deterministic: true, maximumDepth: DEEPEST });

/**
 * canonicalJson writes parsed JSON with the members of every object sorted by name. Below DEEPEST it tells no
 * difference, and where nothing was sent it writes `null`: nobody accepts such a body, so its text is that of none that
 * was accepted.
 */
export function canonicalJson(value: unknown): string {
  return write(value) ?? "null";
}
