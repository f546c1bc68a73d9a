/** What a place of a text can stand for, if the text, or a part of it, was encoded for a URL, a form, JSON or HTML. */

/**
 * MAX_NESTING: so often a text is encoded for a URL within another, and so many backslashes stand before a character.
 */
const MAX_NESTING = 4;

/** MAX_UNIT_LENGTH of one encoded character: four bytes, each encoded for a URL MAX_NESTING times. */
export const MAX_UNIT_LENGTH = 4 * (3 + 2 * MAX_NESTING);

/** SPACE stands for any white space. */
export const SPACE = 0x20;

const PERCENT = 0x25;
const AMPERSAND = 0x26;
const PLUS = 0x2b;
const BACKSLASH = 0x5c;
const UNICODE_ESCAPE = 0x75;
const MAX_CODE_POINT = 0x10ffff;

/** Characters that stand for white space behind a backslash: n, r, t, f. */
const SPACE_ESCAPES: ReadonlySet<number> = new Set([0x6e, 0x72, 0x74, 0x66]);

const ENTITY = /&(?:#0{0,8}(\d{1,7})|#x0{0,8}([0-9a-f]{1,6})|(amp|lt|gt|quot|apos|nbsp));/y;
const ENTITY_NAMES: Readonly<Record<string, number>> = {
  amp: AMPERSAND,
  lt: 0x3c,
  gt: 0x3e,
  quot: 0x22,
  apos: 0x27,
  nbsp: SPACE,
};
/** A UTF-16 unit of JSON behind its `\u`, and the second one of a pair. */
const JSON_UNIT = /([0-9a-f]{4})(?:(?:\\|%(?:25){0,4}5c){1,4}u(d[c-f][0-9a-f]{2}))?/y;

/**
 * Decodings is what a place can stand for: for each character its code point, and where the text goes on after it.
 * Flat, for speed.
 */
export type Decodings = readonly number[];

/**
 * codePointAtUnlessEncoded gives the code point of a place that stands for itself and nothing else; undefined where it
 * may stand for more.
 */
export function codePointAtUnlessEncoded(text: string, at: number): number | undefined {
  const code = text.charCodeAt(at);
  if (code < 0x80)
    return code <= SPACE || code === PERCENT || code === AMPERSAND || code === PLUS || code === BACKSLASH
      ? undefined
      : code;
  return isWhiteSpace(code) ? undefined : text.codePointAt(at);
}

/** listPossibleCodePointsAt gives all that a place of a text in lower case can stand for. */
export function listPossibleCodePointsAt(text: string, at: number): Decodings {
  const reading: number[] = [];
  readBackslashed(text, at, { reading, backslashes: 0 });
  return reading;
}

interface Progress {
  readonly reading: number[];
  readonly backslashes: number;
}

function readBackslashed(text: string, at: number, { reading, backslashes }: Progress): void {
  const from = reading.length;
  readOnce(text, at, reading);
  const to = reading.length;
  for (let each = from; each < to; each += 2) {
    const next = reading[each + 1] ?? at;
    if (reading[each] !== BACKSLASH || backslashes === MAX_NESTING) continue;
    readEscape(text, next, reading);
    readBackslashed(text, next, { reading, backslashes: backslashes + 1 });
  }
}

/** readEscape reads what JSON writes behind a backslash; other characters stand for themselves there. */
function readEscape(text: string, at: number, reading: number[]): void {
  const escaped: number[] = [];
  readOnce(text, at, escaped);
  for (let each = 0; each < escaped.length; each += 2) {
    const [character = 0, next = at] = escaped.slice(each, each + 2);
    if (SPACE_ESCAPES.has(character)) reading.push(SPACE, next);
    if (character === UNICODE_ESCAPE) readJsonUnit(text, next, reading);
  }
}

function readJsonUnit(text: string, at: number, reading: number[]): void {
  JSON_UNIT.lastIndex = at;
  const [whole = "", first = "", second] = JSON_UNIT.exec(text) ?? [];
  if (whole === "") return;
  const unit = Number.parseInt(first, 16);
  if (second === undefined) reading.push(fold(unit), at + whole.length);
  else
    reading.push(fold(((unit - 0xd800) << 10) + (Number.parseInt(second, 16) - 0xdc00) + 0x10000), at + whole.length);
}

/** readOnce reads a place without regard to backslashes: as it is, as a part of a URL or a form, as HTML. */
function readOnce(text: string, at: number, reading: number[]): void {
  const code = text.codePointAt(at);
  if (code === undefined) return;
  reading.push(isWhiteSpace(code) ? SPACE : code, at + (code > 0xffff ? 2 : 1));
  if (code === PLUS) reading.push(SPACE, at + 1);
  if (code === PERCENT) readPercent(text, at + 1, reading);
  if (code === AMPERSAND) readEntity(text, at, reading);
}

/** readPercent reads `%XX`, and `%25XX` where it was encoded once more. */
function readPercent(text: string, at: number, reading: number[]): void {
  for (let depth = 0, digits = at; depth <= MAX_NESTING; depth += 1, digits += 2) {
    const byte = byteAt(text, digits);
    if (byte < 0) return;
    if (byte < 0x80) reading.push(fold(byte), digits + 2);
    else readUtf8(text, digits, reading);
    if (byte !== PERCENT) return;
  }
}

function readUtf8(text: string, at: number, reading: number[]): void {
  const first = byteAt(text, at);
  const more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc2 ? 1 : 0;
  let code = first & (0x3f >> more);
  let next = at + 2;
  for (let count = 0; count < more; count += 1) {
    if (text.charCodeAt(next) !== PERCENT) return;
    next += 1;
    while (byteAt(text, next) === PERCENT) next += 2;
    const byte = byteAt(text, next);
    if (byte < 0x80 || byte > 0xbf) return;
    code = (code << 6) | (byte & 0x3f);
    next += 2;
  }
  if (more > 0 && code <= MAX_CODE_POINT) reading.push(fold(code), next);
}

function readEntity(text: string, at: number, reading: number[]): void {
  ENTITY.lastIndex = at;
  const [whole = "", decimal, hex, name = ""] = ENTITY.exec(text) ?? [];
  if (whole === "") return;
  const code = ENTITY_NAMES[name] ?? (decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal));
  if (code <= MAX_CODE_POINT) reading.push(fold(code), at + whole.length);
}

/** byteAt reads two hexadecimal digits; -1 where there are none. */
function byteAt(text: string, at: number): number {
  const high = digitOf(text.charCodeAt(at));
  const low = digitOf(text.charCodeAt(at + 1));
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function digitOf(code: number): number {
  if (code >= 0x30 && code <= 0x39) return code - 0x30;
  return code >= 0x61 && code <= 0x66 ? code - 0x57 : -1;
}

/** fold gives a code point in lower case; white space is SPACE. */
function fold(code: number): number {
  if (isWhiteSpace(code)) return SPACE;
  if (code < 0x80) return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
  return lowerCaseKeepingLength(String.fromCodePoint(code)).codePointAt(0) ?? code;
}

/** lowerCaseKeepingLength gives a text in lower case, of the same length. */
export function lowerCaseKeepingLength(text: string): string {
  // These two have a lower case of another length, or one that depends on what stands beside them.
  const folded = text.replaceAll("İ", "i").toLowerCase().replaceAll("ς", "σ");
  return folded.length === text.length ? folded : text;
}

function isWhiteSpace(code: number): boolean {
  if (code <= SPACE) return code === SPACE || (code >= 0x09 && code <= 0x0d);
  if (code < 0x2000) return code === 0xa0 || code === 0x1680;
  return (
    code <= 0x200a ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000 ||
    code === 0xfeff
  );
}
