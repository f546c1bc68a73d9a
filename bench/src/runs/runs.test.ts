import { expect, it } from "vitest";
import { measureRuns } from "./runs.ts";

it("measures live handoffs beside a run of their connector, and counts each of its items once", {
  timeout: 180_000,
}, async () => {
  const { faults, text, targets } = await measureRuns({ turns: 1, seconds: 1, smoke: true, say: () => undefined });
  expect(faults).toEqual([]);
  expect(text).toContain("Of 1,000 items of all runs, 1,000 were signalled once, 0 more than once, 0 never.");
  expect(text).not.toMatch(/NaN|undefined|– \|/);
  expect(targets).toHaveLength(3);
});
