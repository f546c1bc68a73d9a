import fc from "fast-check";
import { expect, it } from "vitest";
import { lowerCaseKeepingLength } from "./possibly-encoded-characters.ts";
import { redactToOneLine } from "./reply-detail.ts";

/** The ways in which an answer may repeat what it was given. */
const forms: readonly ((text: string) => string)[] = [
  (text) => text,
  (text) => text.toUpperCase(),
  encodeURIComponent,
  (text) => encodeURIComponent(text).toLowerCase(),
  (text) => encodeURIComponent(text).replaceAll("%20", "+"),
  (text) => encodeURIComponent(encodeURIComponent(text)),
  (text) => new URLSearchParams([["q", text]]).toString().slice(2),
  (text) => JSON.stringify(text).slice(1, -1),
  (text) => JSON.stringify(JSON.stringify(text)).slice(3, -3),
  (text) => encodeURIComponent(JSON.stringify(text).slice(1, -1)),
  (text) =>
    JSON.stringify(text)
      .slice(1, -1)
      .replace(/[^ -~]/g, escapeUnit),
  (text) => text.replace(/[^a-z0-9 ]/giu, (character) => `&#${character.codePointAt(0)};`),
  (text) => text.replace(/[&<>"']/g, (character) => `&#x${character.codePointAt(0)?.toString(16)};`),
  (text) => Buffer.from(text).toString("base64"),
  (text) => Buffer.from(text).toString("base64url"),
];

/**
 * Texts as people and systems write them: no control characters, neither blank nor a digit at an end, so that no form
 * changes them.
 */
const secret = fc
  .string({
    unit: fc.constantFrom(..."abcXYZ019 %+&\\\"'/<>=._-#;uüßé漢字🙂".split(/(?:)/u)),
    minLength: 6,
    maxLength: 60,
  })
  .map((text) => `s${text.normalize("NFC")}e`);

it("removes every secret in every form, wherever they stand beside one another", () => {
  const planted = fc.record({ text: secret, form: fc.constantFrom(...forms) });
  const between = fc.constantFrom(" ", "&p2=", '","p2":"', "/", "<br>", " is not valid: ");
  fc.assert(
    fc.property(fc.array(planted, { minLength: 1, maxLength: 9 }), between, (all, gap) => {
      const echoed = all.map(({ text, form }) => form(text));
      const shown = redactToOneLine(
        `p1=${echoed.join(gap)}${gap}`,
        all.map(({ text }) => text),
      );
      for (const { text } of all) expect(everyReadingOf(shown)).not.toContain(lowerCaseKeepingLength(text));
      expect(shown).toMatch(/\[redacted\]/);
    }),
    { numRuns: 1_000 },
  );
});

it("never throws, and gives a line of at most 200 characters, whatever it is given", () => {
  const any = fc.oneof(
    fc.string({ unit: "binary", maxLength: 9_000 }),
    fc.string({
      unit: fc.constantFrom("%", "2", "5", "\\", "u", "&", "#", "x", ";", "+", " ", "a", "\ud83d"),
      maxLength: 9_000,
    }),
  );
  fc.assert(
    fc.property(any, fc.array(any, { maxLength: 9 }), (text, secrets) => {
      const shown = redactToOneLine(text, secrets);
      expect(shown.length).toBeLessThanOrEqual(200);
      expect(shown.isWellFormed()).toBe(true);
    }),
    { numRuns: 300 },
  );
});

it.each([
  [
    "parameters that differ in their last character only",
    "a".repeat(8_192),
    Array.from({ length: 9 }, (_, n) => `${"a".repeat(255)}${n}`),
  ],
  ["backslashes", "\\".repeat(8_192), [`${"\\".repeat(255)}x`]],
  ["encoded percent signs", "%25".repeat(2_700), [`${"%".repeat(255)}x`]],
])("shows nothing of a text whose comparison would take long: %s", (_, text, secrets) => {
  expect(redactToOneLine(text, secrets)).toBe("[redacted]");
});

it("shows what stands before and behind nine parameters of 256 bytes", () => {
  const params = Array.from({ length: 9 }, (_, n) =>
    Array.from({ length: 64 }, (_, at) => `${n}${(at * 7919) % 1_000}`.padStart(4, "x")).join(""),
  );
  expect(redactToOneLine(`refused: ${params.map(encodeURIComponent).join("&")} are too long`, params)).toBe(
    `refused: ${Array(9).fill("[redacted]").join("&")} are too long`,
  );
});

it("finds a secret whose end was cut off with the text", () => {
  const long = `${"key-".repeat(500)}`;
  for (const form of forms.slice(0, 6)) {
    const text = `${" ".repeat(8_100)}said ${form(long)}`;
    expect(redactToOneLine(text, [long])).toBe("said [redacted]");
  }
});

it("compares in lower case, whatever character stands in the text, without moving one", () => {
  for (let block = 0; block <= 0x10ffff; block += 0x100) {
    const all = String.fromCodePoint(...Array.from({ length: 0x100 }, (_, n) => block + n));
    const folded = lowerCaseKeepingLength(`${all}A`);
    if (folded.length !== all.length + 1 || !folded.endsWith("a")) expect.fail(`from U+${block.toString(16)}`);
  }
  expect(lowerCaseKeepingLength("İSTANBUL ΟΔΟΣ")).toBe(lowerCaseKeepingLength("iSTANBUL οδοσ"));
});

/** everyReadingOf gives what a curious reader makes of a line: as it is, and decoded in each way. */
function everyReadingOf(line: string): string {
  const percent = line.replace(/(?:%[0-9a-f]{2})+/gi, (bytes) =>
    Buffer.from(bytes.replaceAll("%", ""), "hex").toString("utf8"),
  );
  const json = line
    .replace(/\\u([0-9a-f]{4})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
    .replace(/\\(.)/g, "$1");
  const html = line.replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)));
  return lowerCaseKeepingLength([line, percent, percent.replaceAll("+", " "), json, html].join("\n"));
}

function escapeUnit(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
