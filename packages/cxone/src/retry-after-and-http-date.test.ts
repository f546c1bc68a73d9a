import fc from "fast-check";
import { beforeEach, expect, it, vi } from "vitest";
import { readRetryAfter } from "./retry-after-and-http-date.ts";

// Dates are UTC wherever the process runs.
beforeEach(() => void vi.stubEnv("TZ", "Pacific/Auckland"));

const NOW = Date.parse("2026-11-23T12:00:00Z");

it.each([
  ["2", 2_000],
  [" 0 ", 0],
  ["1.5", 1_500],
  ["-7", undefined],
  ["999999999", 86_400_000],
  ["Mon, 23 Nov 2026 12:00:03 GMT", 3_000],
  ["Monday, 23-Nov-26 12:00:03 GMT", 3_000],
  ["Mon Nov 23 12:00:03 2026 GMT", 3_000],
  ["Mon Nov 23 12:00:03 2026", 3_000],
  ["Tue Dec  1 12:00:00 2026", 86_400_000],
  ["Sun Nov  1 12:00:00 2026", 0],
  ["Monday, 23-Nov-76 12:00:00 GMT", 86_400_000],
  ["Monday, 23-Nov-77 12:00:00 GMT", 0],
  ["Mon, 23 Foo 2026 12:00:03 GMT", undefined],
  ["Mon, 23 Nov 2026 11:00:00 GMT", 0],
  ["Fri, 01 Jan 2100 00:00:00 GMT", 86_400_000],
  ["soon", undefined],
  ["12 monkeys", undefined],
  ["", undefined],
  [undefined, undefined],
])("reads Retry-After %j as %j ms", (header, expected) => {
  expect(readRetryAfter(header, NOW)).toBe(expected);
});

it("is never negative, never beyond a day, never NaN", () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 0, max: 4e12 }), (header, now) => {
      const waitMs = readRetryAfter(header, now);
      expect(waitMs === undefined || (waitMs >= 0 && waitMs <= 86_400_000)).toBe(true);
    }),
  );
});
