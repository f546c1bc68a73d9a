/**
 * Redaction: finding what was entrusted to us in a text that may repeat it. Each secret is compared, character by
 * character, with what the places of the text can stand for; so there is nothing to compile, and the time is bounded
 * for any input.
 */
import {
  codePointAtUnlessEncoded,
  type Decodings,
  listPossibleCodePointsAt,
  lowerCaseKeepingLength,
  MAX_UNIT_LENGTH,
  SPACE,
} from "./possibly-encoded-characters.ts";

const REDACTED = "[redacted]";

/**
 * WORD_LENGTH: values shorter than this are removed only where they stand alone; else a `1` would riddle every status.
 */
const WORD_LENGTH = 4;

/** MAX_STEPS: so many comparisons take about half a millisecond. A text that needs more is redacted as a whole. */
const MAX_STEPS = 20_000;

const NO_PATTERNS: readonly Pattern[] = [];

const WORD_CHARACTER = /[\p{L}\p{N}]/u;

/** Pattern is a form of a secret, in lower case, all white space a single blank. */
interface Pattern {
  readonly text: string;
  readonly first: number;
  readonly standsAlone: boolean;
  /** Where it was found last; it is not looked for within itself. */
  foundTo: number;
}

/** RedactionLimits says how much of the text is wanted, and whether there was more of it. */
export interface RedactionLimits {
  /** So many visible characters are enough; nothing behind them is looked at. */
  readonly enough: number;
  /** The text went on, so a secret's beginning at its end counts as the secret. */
  readonly cut: boolean;
}

/**
 * removeSecrets gives the beginning of `text` with `[redacted]` in place of each secret, also where it comes back in
 * another case, encoded for a URL (more than once), a form, JSON, HTML, in any mixture of these, or in base64. `text`
 * is in NFC. Never throws.
 */
export function removeSecrets(text: string, secrets: readonly string[], limits: RedactionLimits): string {
  const patterns = [...new Set(secrets)].flatMap(secretPatternsOf);
  return new SecretSearch(text, patterns, limits).run();
}

function secretPatternsOf(secret: string): Pattern[] {
  const plain = secret.normalize("NFC").trim();
  if (plain === "") return [];
  const bytes = Buffer.from(secret);
  const base64 = [bytes.toString("base64").replace(/=+$/, ""), bytes.toString("base64url")];
  // In capitals some characters are two (ß).
  const forms = [plain, plain.toUpperCase(), ...base64].map((form) =>
    lowerCaseKeepingLength(form.replace(/\s+/gu, " ")),
  );
  return [...new Set(forms)].map((text) => ({
    text,
    first: text.codePointAt(0) ?? 0,
    standsAlone: text.length < WORD_LENGTH,
    foundTo: 0,
  }));
}

/** SecretSearch removes the patterns from one text. */
class SecretSearch {
  readonly #original: string;
  readonly #text: string;
  readonly #limits: RedactionLimits;
  readonly #byFirst: ReadonlyMap<number, readonly Pattern[]>;
  /** Readings of the places that may stand for several characters. */
  readonly #readings: (Decodings | undefined)[] = [];
  #steps = 0;

  constructor(text: string, patterns: readonly Pattern[], limits: RedactionLimits) {
    this.#original = text;
    this.#text = lowerCaseKeepingLength(text);
    this.#limits = limits;
    this.#byFirst = Map.groupBy(patterns, ({ first }) => first);
  }

  /** run gives the text without the patterns; REDACTED alone where finding them takes too many steps. */
  run(): string {
    let kept = "";
    let visible = 0;
    let removedTo = 0;
    for (let at = 0; at < this.#text.length && visible < this.#limits.enough; at += 1) {
      const to = this.#findAny(at);
      if (this.#steps > MAX_STEPS) return REDACTED;
      if (at >= removedTo) {
        kept += to > at ? REDACTED : this.#original.charAt(at);
        visible += to > at ? REDACTED.length : Number(this.#text.charCodeAt(at) > SPACE);
      }
      removedTo = Math.max(removedTo, to);
    }
    return kept;
  }

  /** findAny gives where the longest of the patterns ends that begin at `at`; `at` where none does. */
  #findAny(at: number): number {
    const plain = codePointAtUnlessEncoded(this.#text, at);
    if (plain !== undefined) return this.#findLongest(plain, at);
    const reading = this.#readingAt(at);
    let to = at;
    for (let each = 0; each < reading.length; each += 2) to = Math.max(to, this.#findLongest(reading[each] ?? 0, at));
    return to;
  }

  #findLongest(first: number, at: number): number {
    let to = at;
    for (const pattern of this.#byFirst.get(first) ?? NO_PATTERNS) to = Math.max(to, this.#find(pattern, at));
    return to;
  }

  #find(pattern: Pattern, at: number): number {
    if (at < pattern.foundTo) return at;
    const to = this.#compare(pattern.text, at);
    if (to === at || (pattern.standsAlone && !this.#standsAlone(at, to))) return at;
    pattern.foundTo = to;
    return to;
  }

  /** compare gives where the text from `at` on has said all of the pattern; `at` where it says something else. */
  #compare(pattern: string, at: number): number {
    let places: readonly number[] = [at];
    let index = 0;
    for (;;) {
      const [only = at] = places;
      const same = places.length === 1 ? this.#countSame(pattern, index, only) : 0;
      if (index + same === pattern.length) return Math.max(...places) + same;
      if (same > 0) places = [only + same];
      index += same;
      const wanted = pattern.codePointAt(index) ?? 0;
      const next = this.#follow(places, wanted);
      if (next.length === 0 || this.#steps > MAX_STEPS) return this.#goesOnBeyond(places) ? this.#text.length : at;
      index += wanted > 0xffff ? 2 : 1;
      places = next;
    }
  }

  /** countSame gives how far text and pattern are exactly the same, and can mean nothing else. */
  #countSame(pattern: string, index: number, place: number): number {
    let same = 0;
    while (index + same < pattern.length) {
      const code = this.#text.charCodeAt(place + same);
      if (code !== pattern.charCodeAt(index + same) || codePointAtUnlessEncoded(this.#text, place + same) === undefined)
        break;
      same += 1;
    }
    this.#steps += same + 1;
    return same;
  }

  /** follow gives the places where the text goes on once it has said `wanted` at one of `places`. */
  #follow(places: readonly number[], wanted: number): readonly number[] {
    const next: number[] = [];
    for (const place of places) this.#say(wanted, place, next);
    // White space may be of any length, and of several kinds; the list grows while it is read.
    if (wanted === SPACE) for (const place of next) this.#say(wanted, place, next);
    return next;
  }

  #say(wanted: number, place: number, next: number[]): void {
    const plain = codePointAtUnlessEncoded(this.#text, place);
    if (plain !== undefined) {
      if (plain === wanted) next.push(place + (plain > 0xffff ? 2 : 1));
      return;
    }
    const reading = this.#readingAt(place);
    this.#steps += reading.length;
    for (let each = 0; each < reading.length; each += 2) {
      const after = reading[each + 1] ?? place;
      if (reading[each] === wanted && !next.includes(after)) next.push(after);
    }
  }

  #readingAt(place: number): Decodings {
    const known = this.#readings[place];
    if (known !== undefined) return known;
    const reading = listPossibleCodePointsAt(this.#text, place);
    this.#readings[place] = reading;
    this.#steps += reading.length;
    return reading;
  }

  /** goesOnBeyond says whether a cut text may have said more at its end than it shows. */
  #goesOnBeyond(places: readonly number[]): boolean {
    return (
      this.#limits.cut &&
      places.some(
        (place) =>
          place >=
          this.#text.length - (codePointAtUnlessEncoded(this.#text, place) === undefined ? MAX_UNIT_LENGTH : 0),
      )
    );
  }

  #standsAlone(from: number, to: number): boolean {
    const before = this.#original.charAt(from - 1);
    return !WORD_CHARACTER.test(before) && !WORD_CHARACTER.test(this.#original.charAt(to));
  }
}
