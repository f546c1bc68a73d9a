import { expect, it } from "vitest";
import { findIsolatedPointIndexes, hideUnfinishedMinuteWhileLower } from "./chart-point-display.ts";

it("leaves out a minute under way that has less than the one before, and shows one that has more", () => {
  expect(hideUnfinishedMinuteWhileLower([300, 310, 12])).toEqual([300, 310, null]);
  expect(hideUnfinishedMinuteWhileLower([0, 0, 12])).toEqual([0, 0, 12]);
  expect(hideUnfinishedMinuteWhileLower([3, 3, 3])).toEqual([3, 3, 3]);
});

it("leaves what is not known as it is", () => {
  for (const points of [[], [5], [null, 5], [5, null]]) expect(hideUnfinishedMinuteWhileLower(points)).toEqual(points);
});

it("finds the points that no line leads to", () => {
  expect(findIsolatedPointIndexes([null, 5, null, 3, 4, null, 0])).toEqual([1, 6]);
  expect(findIsolatedPointIndexes([7])).toEqual([0]);
  for (const points of [[], [null, null], [1, 2, 3]]) expect(findIsolatedPointIndexes(points)).toEqual([]);
});
