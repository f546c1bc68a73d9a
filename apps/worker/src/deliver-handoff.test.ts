import type { Connector } from "@baton/domain";
import { NoAnswer, type SettledAttempt } from "@baton/store";
import { expect, it } from "vitest";
import { createDeliverHandoff } from "./deliver-handoff.ts";

const job = { id: "ho_1", generation: 1, connectorId: "cn_1" };

function setup(find: () => Promise<never>) {
  const told: unknown[] = [];
  const never = () => {
    throw new Error("not reached");
  };
  const deliver = createDeliverHandoff({
    handoffs: { begin: never, settle: never, handBack: never },
    replicated: never,
    routes: { find },
    share: { take: never },
    letters: { file: never, fileIfDead: never },
    wake: never,
    stopped: () => false,
    createNonce: () => "n",
    chance: () => 0,
    report: { attempted: never, newer: never, handedBack: never, failed: (_job, error) => told.push(error) },
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

const ATTEMPT_MS = 200;

const connector: Connector = {
  id: "cn_1",
  version: 1,
  name: "test",
  accountId: "acme",
  projectId: "support-line",
  environment: "live",
  enabled: true,
  paused: false,
  pseudoNumbers: [],
  contactIdHeader: "X-InContact-ContactId",
  cxone: { issuer: "https://cxone.niceincontact.com", apiVersion: "v30.0", paramsIn: "query" },
  delivery: {
    guarantee: "at-most-once",
    deadlineMs: 60_000,
    maxAttempts: 10,
    attemptTimeoutMs: ATTEMPT_MS,
    backoff: { baseMs: 250, capMs: 10_000 },
    rate: null,
    maxParamBytes: 256,
  },
  createdAt: 0,
};

/** blockEventLoop does what a long computation does: nothing else runs meanwhile. */
function blockEventLoop(forMs: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, forMs);
}

/** beginLate runs one delivery whose worker stood still while Redis put the attempt on record. */
async function beginLate(stoodStillMs: number) {
  const sent: string[] = [];
  const settled: SettledAttempt[] = [];
  const now = 1_000_000;
  const never = () => {
    throw new Error("not reached");
  };
  const deliver = createDeliverHandoff({
    handoffs: {
      async begin() {
        blockEventLoop(stoodStillMs);
        const attempt = {
          id: job.id,
          connectorId: job.connectorId,
          nonce: "n",
          number: 1,
          used: 1,
          startedAt: now,
          until: now + ATTEMPT_MS,
        };
        return {
          kind: "sending",
          attempt: { ...attempt, deadlineAt: now + 60_000, since: now, contactId: "1", params: "" },
        };
      },
      async settle(attempt) {
        settled.push(attempt);
        return { kind: "stale" };
      },
      handBack: never,
    },
    replicated: async () => undefined,
    routes: {
      find: async () => ({
        connector,
        prepare: async () => ({
          async send(contactId) {
            sent.push(contactId);
            return { kind: "accepted", httpStatus: 202 };
          },
        }),
        openParams: () => ({}),
      }),
    },
    share: { take: () => ({ release() {} }) },
    letters: { file: never, fileIfDead: never },
    wake: never,
    stopped: () => false,
    createNonce: () => "n",
    chance: () => 0,
    report: { attempted() {}, newer: never, handedBack: never, failed: never },
    closing: new AbortController().signal,
  });
  await deliver(job);
  return { sent, outcome: settled[0]?.outcome };
}

it("sends nothing once the attempt's time is over: by then another worker may be sending", async () => {
  expect(await beginLate(2 * ATTEMPT_MS)).toMatchObject({ sent: [], outcome: { kind: "unreachable" } });
});

it("sends within the attempt's time", async () => {
  expect(await beginLate(0)).toMatchObject({ sent: ["1"], outcome: { kind: "accepted" } });
});
