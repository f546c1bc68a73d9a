import fc from "fast-check";
import { expect, it } from "vitest";
import { canonicalJson } from "./idempotency-of-request.ts";

/** Also lone surrogates: a context may hold them. */
const texts = fc.string({ unit: "binary" });
const values = fc.jsonValue({ stringUnit: "binary", maxDepth: 6 });

/** Gives the same value, its objects' members in the opposite order. */
function turnedOver(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(turnedOver);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .toReversed()
      .map(([name, member]) => [name, turnedOver(member)]),
  );
}

it("writes one text for one value, however its members were ordered, and it reads back as that value", () => {
  fc.assert(
    fc.property(values, (value) => {
      expect(canonicalJson(turnedOver(value))).toBe(canonicalJson(value));
      expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
    }),
  );
});

it("distinguishes texts that differ in anything, also in halves of characters", () => {
  fc.assert(
    fc.property(texts, texts, (a, b) => {
      expect(canonicalJson({ a }) === canonicalJson({ a: b })).toBe(a === b);
    }),
  );
  expect(canonicalJson("\ud800")).not.toBe(canonicalJson("\ud801"));
});

it("sorts by UTF-16 code units, and writes numbers as JavaScript does", () => {
  expect(canonicalJson({ "\u{1f600}": 1, "\ufb33": 2, a: [1e21, 0.1, -0], B: {} })).toBe(
    '{"B":{},"a":[1e+21,0.1,0],"\u{1f600}":1,"\ufb33":2}',
  );
});

it("takes a body of any depth, and null for nothing", () => {
  const deep = JSON.parse(`${"[".repeat(30_000)}${"]".repeat(30_000)}`) as unknown;
  expect(canonicalJson(deep).length).toBeLessThan(1_000);
  expect(canonicalJson(undefined)).toBe("null");
});
