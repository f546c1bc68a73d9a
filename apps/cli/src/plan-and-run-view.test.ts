import type { PlanJson } from "@baton/api";
import { expect, it } from "vitest";
import { describeRunPlan } from "./plan-and-run-view.ts";

const PLAN: PlanJson = {
  planId: "pl_1",
  kind: "replay",
  filter: {},
  includeUnknown: false,
  skipEndedContacts: false,
  asOf: "2026-11-23T12:00:00.000Z",
  expiresAt: "2026-11-23T12:15:00.000Z",
  matched: 30,
  taken: 5,
  byReason: { rejected: 30 },
  byConnector: { cn_1: 5, cn_2: 25 },
  mayHaveArrived: 0,
  olderThan: [],
  estimateMs: 1_000,
  sample: [],
};

it("says of a replay's plan how many are left out because their connector has been deleted", () => {
  const describe = (plan: PlanJson) => describeRunPlan(plan, (id) => id);
  expect(describe(PLAN)).not.toContain("connector deleted");
  expect(describe({ ...PLAN, connectorDeleted: 25 })).toMatch(/^connector deleted +25, left out: discard them$/m);
});

it("says how long ago they died, which is less than their callers have waited", () => {
  const describe = (plan: PlanJson) => describeRunPlan(plan, (id) => id);
  expect(describe(PLAN)).toMatch(/^age +all died within the last minute$/m);
  const olderThan = [{ ms: 60_000, count: 12 }];
  expect(describe({ ...PLAN, olderThan })).toMatch(/^age +12 died over 1 min ago$/m);
});
