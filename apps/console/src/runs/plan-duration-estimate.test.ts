import { expect, it } from "vitest";
import { estimatePlanMsAtRate } from "./plan-duration-estimate.ts";

const PLAN = { taken: 100, byConnector: { a: 90, b: 10 }, estimateMs: 5_000 };

function connector(id: string, perSecond: number | null) {
  return { id, delivery: { rate: perSecond === null ? null : { perSecond, burst: 1 } } };
}

it("estimates a run at the rate that is entered, and no quicker than its connectors' rates allow", () => {
  expect(estimatePlanMsAtRate(PLAN, 5, [])).toBe(20_000);
  expect(estimatePlanMsAtRate(PLAN, 100, [connector("a", null)])).toBe(1_000);
  expect(estimatePlanMsAtRate(PLAN, 100, [connector("a", 30), connector("b", 100), connector("other plan's", 1)])).toBe(
    3_000,
  );
});

it("keeps to the plan's own estimate where a connector that is not known here makes it long", () => {
  const plan = { ...PLAN, estimateMs: 45_000 };
  expect(estimatePlanMsAtRate(plan, 100, [])).toBe(45_000);
  expect(estimatePlanMsAtRate(plan, 1, [])).toBe(100_000);
});
