import fc from "fast-check";
import { expect, it } from "vitest";
import { formatWaitPreference, parsePreferHeader } from "./http-headers.ts";

it.each([
  ["wait=10", 10_000],
  ["WAIT = 10", 10_000],
  ['wait="10"', 10_000],
  ["respond-async, wait=10;strict", 10_000],
  ['note="wait=3, or not", wait=4', 4_000],
  ["wait=2, wait=20", 2_000],
  ["wait=31", 30_000],
  [`wait=${"9".repeat(400)}`, 30_000],
])("waits as %s asks", (header, waitMs) => {
  expect(parsePreferHeader(header)).toEqual({ waitMs });
});

it.each([
  [undefined],
  [""],
  ["wait"],
  ["wait="],
  ["wait=0"],
  ["wait=-1"],
  ["wait=1.5"],
  ["wait=1e1"],
  ["wait=x, wait=5"],
  ["waiting=5"],
  ['note="wait=5'],
])("ignores %s", (header) => {
  expect(parsePreferHeader(header)).toEqual({});
});

it("reads several headers as one", () => {
  expect(parsePreferHeader(["respond-async", "wait=5"])).toEqual({ waitMs: 5_000 });
});

it("honours the wait that it writes", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1_000, max: 30_000 }), (wanted) => {
      const waitMs = Math.floor(wanted / 1_000) * 1_000;
      expect(parsePreferHeader(formatWaitPreference(waitMs))).toEqual({ waitMs });
    }),
  );
});

it("survives any text, and waits 1 to 30 seconds or not at all", () => {
  fc.assert(
    fc.property(fc.string({ unit: fc.constantFrom(...'=0159 ,;"\\\t', "wait") }), (text) => {
      const { waitMs = 1_000 } = parsePreferHeader(text);
      expect(waitMs).toBeGreaterThanOrEqual(1_000);
      expect(waitMs).toBeLessThanOrEqual(30_000);
    }),
  );
});
