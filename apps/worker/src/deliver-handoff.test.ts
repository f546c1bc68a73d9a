import { NoAnswer } from "@baton/store";
import { expect, it } from "vitest";
import { createDeliverHandoff } from "./deliver-handoff.ts";

const job = { id: "ho_1", generation: 1, connectorId: "cn_1" };

function setup(find: () => Promise<never>) {
  const told: unknown[] = [];
  const never = () => {
    throw new Error("not reached");
  };
  const deliver = createDeliverHandoff({
    handoffs: { begin: never, settle: never },
    routes: { find },
    share: { take: never },
    letters: { file: never, fileIfDead: never },
    wake: never,
    stopped: () => false,
    createNonce: () => "n",
    chance: () => 0,
    report: { attempted: never, interrupted: never, newer: never, failed: (_job, error) => told.push(error) },
    closing: new AbortController().signal,
  });
  return { deliver, told };
}

it("tells of a handoff that cannot be handled, such as one whose key is not in the ring", async () => {
  const broken = new Error("sealed under key k2, which is not in the key ring");
  const { deliver, told } = setup(() => Promise.reject(broken));
  await expect(deliver(job)).rejects.toBe(broken);
  expect(told).toEqual([broken]);
});

it("says nothing of each handoff while Redis is away", async () => {
  const { deliver, told } = setup(() => Promise.reject(new NoAnswer("Redis did not answer")));
  await expect(deliver(job)).rejects.toThrow("did not answer");
  expect(told).toEqual([]);
});
