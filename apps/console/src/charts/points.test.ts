import { expect, it } from "vitest";
import { isolatedPoints, withoutFalseDrop } from "./points.ts";

it("leaves out a minute under way that has less than the one before, and shows one that has more", () => {
  expect(withoutFalseDrop([300, 310, 12])).toEqual([300, 310, null]);
  expect(withoutFalseDrop([0, 0, 12])).toEqual([0, 0, 12]);
  expect(withoutFalseDrop([3, 3, 3])).toEqual([3, 3, 3]);
});

it("leaves what is not known as it is", () => {
  for (const points of [[], [5], [null, 5], [5, null]]) expect(withoutFalseDrop(points)).toEqual(points);
});

it("finds the points that no line leads to", () => {
  expect(isolatedPoints([null, 5, null, 3, 4, null, 0])).toEqual([1, 6]);
  expect(isolatedPoints([7])).toEqual([0]);
  for (const points of [[], [null, null], [1, 2, 3]]) expect(isolatedPoints(points)).toEqual([]);
});
