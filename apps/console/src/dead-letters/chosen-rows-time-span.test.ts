import { expect, it } from "vitest";
import type { DeadLetterJson } from "../api/answer-types.ts";
import { findChosenRowsTimeSpan } from "./chosen-rows-time-span.ts";

const NOON = Date.parse("2026-11-23T12:00:00.000Z");

function diedAfter(...milliseconds: readonly number[]): readonly DeadLetterJson[] {
  return milliseconds.map((ms, i) => ({ id: `ho_${i}`, diedAt: new Date(NOON + ms).toISOString() }) as DeadLetterJson);
}

const choose = (...numbers: readonly number[]) => new Set(numbers.map((i) => `ho_${i}`));

it("gives the time in which the chosen ones died, the last millisecond included", () => {
  const page = diedAfter(900, 500, 100);
  expect(findChosenRowsTimeSpan(page, choose(0, 1))).toEqual({
    from: "2026-11-23T12:00:00.500Z",
    to: "2026-11-23T12:00:00.901Z",
  });
  expect(findChosenRowsTimeSpan(page, choose(1))).toEqual({
    from: "2026-11-23T12:00:00.500Z",
    to: "2026-11-23T12:00:00.501Z",
  });
  expect(findChosenRowsTimeSpan(page, choose(0, 1, 2))).toEqual({
    from: "2026-11-23T12:00:00.100Z",
    to: "2026-11-23T12:00:00.901Z",
  });
});

it("gives no time where another one died in between, or in the same millisecond, or nothing is chosen", () => {
  expect(findChosenRowsTimeSpan(diedAfter(900, 500, 100), choose(0, 2))).toBeUndefined();
  expect(findChosenRowsTimeSpan(diedAfter(900, 500, 500), choose(0, 1))).toBeUndefined();
  expect(findChosenRowsTimeSpan(diedAfter(900), new Set(["ho_9"]))).toBeUndefined();
});
