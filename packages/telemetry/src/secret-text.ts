/** Secret texts: what must not be read anywhere, recognised by its own shape. */

const HIDDEN = "[redacted]";

/**
 * Shapes, in this order: Baton's own tokens and keys (`BATON_ADMIN_KEY` has any form after `ba_`), JSON web tokens,
 * Authorization values, passwords inside an address, and the arguments that Redis repeats to an unknown command.
 */
const SHAPES: readonly (readonly [RegExp, string])[] = [
  [/\bb[tkasc]_[\w.~+/=-]{20,}/gi, HIDDEN],
  // Also one of its parts alone: looking for a dot that does not come, from each beginning anew, would take for ever.
  [/\beyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g, HIDDEN],
  [/\b(Bearer|Basic)\s+(?!\[)[\w.~+/=:-]+/gi, `$1 ${HIDDEN}`],
  [/:\/\/[^\s/"\\@]*@/g, `://${HIDDEN}@`],
  [/with args beginning with: [^"\\]*/g, `with args ${HIDDEN}`],
];

/** hideSecrets replaces what looks like a token, a key or a password. It keeps a line of JSON a line of JSON. */
export function hideSecrets(text: string): string {
  return SHAPES.reduce((hidden, [shape, replacement]) => hidden.replace(shape, replacement), text);
}
