import { expect, it } from "vitest";
import { DYING_WINDOW, estimateRunMs, haveTooManyDiedAgain } from "./run.ts";

it("estimates a run by its own rate or its slowest connector's, whichever takes longer", () => {
  const counts = { taken: 100, byConnector: { a: 90, b: 10 } };
  expect(estimateRunMs(counts, 20, new Map())).toBe(5_000);
  expect(estimateRunMs(counts, 20, new Map([["a", 2]]))).toBe(45_000);
  expect(estimateRunMs(counts, 20, new Map([["b", 10]]))).toBe(5_000);
  expect(estimateRunMs({ taken: 0, byConnector: {} }, 20, new Map([["a", 2]]))).toBe(0);
});

it("judges a run by the last fifty that ended, and by no fewer", () => {
  const died = (count: number) => Array.from({ length: DYING_WINDOW }, (_, i) => i < count);
  expect(haveTooManyDiedAgain(died(25), 0.5)).toBe(true);
  expect(haveTooManyDiedAgain(died(24), 0.5)).toBe(false);
  expect(haveTooManyDiedAgain(died(50).slice(1), 0.5)).toBe(false);
  expect(haveTooManyDiedAgain(died(50), 0)).toBe(false);
  expect(haveTooManyDiedAgain(died(49), 1)).toBe(false);
});
