import fc from "fast-check";
import { expect, it } from "vitest";
import { PARAM_NAMES, type Params } from "./connector.ts";
import { CONTACT_ID, checkSignalParams, encodeParamsAsQuery, MAX_QUERY_LENGTH } from "./signal-params-validation.ts";

const printable = fc.string({ unit: "grapheme", maxLength: 120 }).filter((value) => !/\p{Cc}/u.test(value));
const params = fc
  .dictionary(fc.constantFrom(...PARAM_NAMES), fc.string({ unit: "binary", maxLength: 80 }))
  .map((members): Params => ({ ...members }));

it("takes a value exactly as long as the connector allows, in bytes of UTF-8, and nothing longer", () => {
  fc.assert(
    fc.property(printable, (value) => {
      const bytes = Buffer.byteLength(value, "utf8");
      expect(checkSignalParams({ p1: value }, bytes)).toEqual([]);
      if (bytes > 0) expect(checkSignalParams({ p1: value }, bytes - 1)).toMatchObject([{ pointer: "/params/p1" }]);
    }),
  );
});

it.each([
  ["256 characters", "a".repeat(256), true],
  ["257 characters", "a".repeat(257), false],
  ["128 characters of two bytes", "é".repeat(128), true],
  ["129 characters of two bytes", "é".repeat(129), false],
  ["64 emojis of four bytes", "😀".repeat(64), true],
  ["65 emojis of four bytes", "😀".repeat(65), false],
  ["nothing", "", true],
])("judges %s by its bytes", (_, value, fits) => {
  expect(checkSignalParams({ p1: value }, 256)).toHaveLength(fits ? 0 : 1);
});

it("names the length and the limit, and never the value", () => {
  expect(checkSignalParams({ p3: "secret".repeat(50) }, 256)).toEqual([
    { pointer: "/params/p3", message: "takes 300 bytes in UTF-8; this connector allows 256" },
  ]);
});

it("refuses every control character and takes every other one", () => {
  for (let code = 0; code < 0x500; code++) {
    const character = String.fromCodePoint(code);
    expect(checkSignalParams({ p9: character }, 256).length, `U+${code.toString(16)}`).toBe(
      /\p{Cc}/u.test(character) ? 1 : 0,
    );
  }
});

it("refuses half of a surrogate pair wherever it stands", () => {
  fc.assert(
    fc.property(printable, printable, fc.integer({ min: 0xd800, max: 0xdfff }), (before, after, half) => {
      const value = before + String.fromCharCode(half) + after;
      expect(checkSignalParams({ p1: value }, 10_000)).toEqual([
        { pointer: "/params/p1", message: expect.stringContaining("surrogate") },
      ]);
    }),
  );
});

it("names every parameter that is wrong, each by its pointer", () => {
  const issues = checkSignalParams({ p1: "\n", p2: "fine", p5: "x".repeat(300), p9: "\ud800" }, 256);
  expect(issues.map(({ pointer }) => pointer)).toEqual(["/params/p1", "/params/p5", "/params/p9"]);
});

it("takes nine parameters only where their encoded query fits", () => {
  const nine = (value: string): Params => Object.fromEntries(PARAM_NAMES.map((name) => [name, value]));
  expect(checkSignalParams(nine("a".repeat(218)), 256)).toEqual([]);
  expect(checkSignalParams(nine("a".repeat(220)), 256)).toMatchObject([{ pointer: "/params" }]);
  expect(checkSignalParams(nine(" ".repeat(80)), 256)).toMatchObject([{ pointer: "/params" }]);
});

it("accepts nothing whose query is longer than the limit, and encodes without loss what it accepts", () => {
  fc.assert(
    fc.property(params, (given) => {
      if (checkSignalParams(given, 256).length > 0) return;
      const query = encodeParamsAsQuery(given);
      expect(query.length).toBeLessThanOrEqual(MAX_QUERY_LENGTH);
      expect(query).toMatch(/^[\x21-\x7e]*$/);
      expect({
        ...Object.fromEntries(
          query
            .split("&")
            .filter(Boolean)
            .map((pair) => pair.split("=").map(decodeURIComponent)),
        ),
      }).toEqual(given);
    }),
  );
});

it("leaves an absent parameter out, keeps an empty one, and writes p1 to p9 in order", () => {
  expect(encodeParamsAsQuery({ p9: "z", p1: "a&b=c d+e", p2: "" })).toBe("p1=a%26b%3Dc%20d%2Be&p2=&p9=z");
  expect(encodeParamsAsQuery({})).toBe("");
});

it.each(["1", "0", "9".repeat(19), "0000000000000000001"])("takes %s for a contact id", (id) => {
  expect(id).toMatch(CONTACT_ID);
});

it.each(["", "1e5", "9".repeat(20), "-1", "+1", " 1", "1 ", "1\n", "١", "1.0", "0x1", "１"])(
  "refuses %j as a contact id",
  (id) => {
    expect(id).not.toMatch(CONTACT_ID);
  },
);
