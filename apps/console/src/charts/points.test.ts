import { expect, it } from "vitest";
import { withoutFalseDrop } from "./points.ts";

it("leaves out a minute under way that has less than the one before, and shows one that has more", () => {
  expect(withoutFalseDrop([300, 310, 12])).toEqual([300, 310, null]);
  expect(withoutFalseDrop([0, 0, 12])).toEqual([0, 0, 12]);
  expect(withoutFalseDrop([3, 3, 3])).toEqual([3, 3, 3]);
});

it("leaves what is not known as it is", () => {
  for (const points of [[], [5], [null, 5], [5, null]]) expect(withoutFalseDrop(points)).toEqual(points);
});
