import { expect, it } from "vitest";
import { excessOver } from "./rate-ceiling.ts";

const TWO_A_SECOND = [{ from: 0, rate: { perSecond: 2, burst: 3 } }];
const spaced = (count: number, everyMs: number, from = 1_000) =>
  Array.from({ length: count }, (_, index) => from + index * everyMs);

it("has nothing against a burst that is followed by the rate, for however long", () => {
  expect(excessOver([...spaced(3, 0), ...spaced(200, 500, 1_500)], TWO_A_SECOND)).toBeUndefined();
});

it("gives the window that is furthest above burst, rate and one more", () => {
  const quiet = spaced(5, 500);
  const herd = spaced(40, 1, 20_000);
  expect(excessOver([...quiet, ...herd], TWO_A_SECOND)).toEqual({
    from: 20_000,
    until: 20_039,
    count: 40,
    allowed: expect.closeTo(4.078),
  });
});

it("finds a rate that is too high by little, in a window that is long enough", () => {
  expect(excessOver(spaced(100, 450), TWO_A_SECOND)?.count).toBe(100);
  expect(excessOver(spaced(10, 450), TWO_A_SECOND)).toBeUndefined();
});

it("allows what came closer together on its way by no more than the jitter", () => {
  const bunched = [...spaced(3, 0), 1_500, 2_000, ...spaced(2, 0, 2_990), 3_000];
  expect(excessOver(bunched, TWO_A_SECOND)).toBeUndefined();
  expect(excessOver(spaced(7, 0), TWO_A_SECOND, 1_000)).toEqual({ from: 1_000, until: 1_000, count: 7, allowed: 6 });
});

it("judges a window over a change by each rate's part of it, and none that touches a time without limit", () => {
  const lowered = [
    { from: 0, rate: { perSecond: 10, burst: 1 } },
    { from: 2_000, rate: { perSecond: 1, burst: 1 } },
  ];
  expect(excessOver(spaced(11, 100), lowered)).toBeUndefined();
  expect(excessOver(spaced(31, 100), lowered)).toMatchObject({ count: 31, until: 4_000 });
  expect(excessOver(spaced(31, 100), [...lowered.slice(0, 1), { from: 2_000, rate: null }])).toBeUndefined();
});
