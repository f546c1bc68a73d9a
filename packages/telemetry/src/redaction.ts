/** Redaction: what may be kept of CXone's own words. */
import { hideSecrets } from "./secret-text.ts";

/** MAX_DETAIL in characters: enough for an error's sentence, too little for a page. */
export const MAX_DETAIL = 200;
/** Below this length a secret is hidden only where it stands alone: "1" inside "401" gives nothing away. */
const SHORT = 4;
/** A piece of base64 shorter than this may be anything. */
const MIN_BASE64 = 8;
const HIDDEN = "[redacted]";
const NAMED: Readonly<Record<string, string>> = { "&": "amp", "<": "lt", ">": "gt", '"': "quot", "'": "apos" };

/**
 * redactDetail gives what may be stored of `text` as an attempt's detail.
 *
 * Every occurrence of each of `secrets` (parameters too) is hidden, in any case and also percent-encoded, form-encoded, escaped as
 * JSON or HTML, or in base64; so is whatever looks like a token. Control characters become spaces; at most `max` characters are kept,
 * never half of one. Digits are kept: error numbers and contact ids help an operator.
 */
export function redactDetail(text: string, secrets: readonly string[], max: number = MAX_DETAIL): string {
  const pattern = patternOf(secrets);
  const hidden = hideSecrets(pattern === undefined ? text : text.replace(pattern, HIDDEN));
  const line = hidden
    .toWellFormed()
    .replaceAll(/[\s\p{Cc}]+/gu, " ")
    .trim();
  const cut = line.slice(0, max);
  return cut.isWellFormed() ? cut : cut.slice(0, -1);
}

/** patternOf matches all secrets in one pass, longest first, so that none is left in halves and nothing is looked for in `[redacted]` itself. */
function patternOf(secrets: readonly string[]): RegExp | undefined {
  const longestFirst = [...new Set(secrets)].filter((secret) => secret.trim() !== "").sort((a, b) => b.length - a.length);
  if (longestFirst.length === 0) return undefined;
  return new RegExp(longestFirst.flatMap((secret) => [inAnyEscape(secret), ...inBase64(secret)]).join("|"), "giu");
}

function inAnyEscape(secret: string): string {
  const escaped = Array.from(secret, anyEscapeOf).join("");
  return Array.from(secret).length < SHORT ? `(?<![\\p{L}\\p{N}])${escaped}(?![\\p{L}\\p{N}])` : escaped;
}

/** anyEscapeOf matches one character as it is, and as a URL, a form, JSON or HTML would write it, escaped once or more. */
function anyEscapeOf(character: string): string {
  const bytes = Buffer.from(character);
  const point = character.codePointAt(0) ?? 0;
  const units = Array.from({ length: character.length }, (_, index) => hex(character.charCodeAt(index), 4));
  const named = NAMED[character];
  const escapes = [
    `\\\\*${character.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&")}`,
    Array.from(bytes, (byte) => `%(?:25)*${hex(byte, 2)}`).join(""),
    units.map((unit) => `\\\\+u${unit}`).join(""),
    `&(?:amp;)*#0*${point};`,
    `&(?:amp;)*#x0*${point.toString(16)};`,
    ...(named === undefined ? [] : [`&(?:amp;)*${named};`]),
    ...(character === " " ? ["\\+"] : []),
  ];
  return `(?:${escapes.join("|")})`;
}

/** inBase64 gives what base64 shows of a secret wherever it begins: behind a multiple of three bytes, one more, or two more. */
function inBase64(secret: string): readonly string[] {
  return [0, 1, 2].flatMap((before) => {
    const bytes = Buffer.concat([Buffer.alloc(before), Buffer.from(secret)]);
    const piece = bytes.toString("base64url").slice(Math.ceil((before * 8) / 6), Math.floor((bytes.length * 8) / 6));
    return piece.length < MIN_BASE64 ? [] : [piece.replaceAll("-", "[-+]").replaceAll("_", "[_/]")];
  });
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
