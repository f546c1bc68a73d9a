import { expect, it } from "vitest";
import { RefusedHandoffWithdrawals, type Withdrawn } from "./refused-handoff-withdrawals.ts";

const WITHDRAWN: Withdrawn = { id: "ho_1", correlation: { requestId: "r" } };

it("says what Redis answered last where a handoff could not be taken back until the process closed", async () => {
  const fault = new Error("WRONGTYPE");
  const failed: unknown[][] = [];
  const withdrawals = new RefusedHandoffWithdrawals({
    handoffs: { withdraw: () => Promise.reject(fault) },
    waitUntilReplicated: async () => undefined,
    onFailed: (...given) => failed.push(given),
  });
  withdrawals.begin(WITHDRAWN);
  await withdrawals.close();
  expect(failed).toEqual([[WITHDRAWN, "unreachable", fault]]);
});
