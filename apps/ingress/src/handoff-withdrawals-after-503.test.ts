import { expect, it } from "vitest";
import { HandoffWithdrawalsAfter503, type Withdrawn } from "./handoff-withdrawals-after-503.ts";

const WITHDRAWN: Withdrawn = { id: "ho_1", correlation: { requestId: "r" } };

it("says what Redis answered last where a handoff could not be taken back until the process closed", async () => {
  const fault = new Error("WRONGTYPE");
  const failed: unknown[][] = [];
  const withdrawals = new HandoffWithdrawalsAfter503({
    handoffs: { withdraw: () => Promise.reject(fault) },
    waitUntilReplicated: async () => undefined,
    onFailed: (...given) => failed.push(given),
  });
  withdrawals.begin(WITHDRAWN);
  await withdrawals.close();
  expect(failed).toEqual([[WITHDRAWN, "unreachable", fault]]);
});
