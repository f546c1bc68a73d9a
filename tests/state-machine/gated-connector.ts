/** Many handoffs of one connector, each to a contact of its own, behind that connector's gate. */
import { randomBytes } from "node:crypto";
import { BREAKER, type DeliveryPolicy, decideSettlement, type Settlement, type SignalOutcome } from "@baton/domain";
import { createHandoffStore } from "@baton/handoffs";
import type { ClaimedAttempt, KnownDestination } from "@baton/handoffs/claim-script-arguments-and-reply";
import { createClearThrottleAndBreaker } from "@baton/handoffs/clear-throttle-and-breaker";
import { createSealedApiAccessStore } from "@baton/handoffs/sealed-api-access-store";
import { createWorkerAttemptStore } from "@baton/handoffs/worker-attempt-store";
import type { RedisConnection } from "@baton/redis/connection";
import { createShards } from "@baton/redis/shards";
import { createConnector, FAR_FUTURE } from "../../packages/domain/testing/connector.ts";
import { elapse } from "../../packages/handoffs/testing/elapse.ts";
import { AMBIGUOUS } from "./states.ts";
import { acceptanceOf, type ClaimChange, newId, POLICY } from "./test-handoff.ts";

export type GatedConnector = ReturnType<typeof createGatedConnector>;

/** createGatedConnector gives a connector that has no handoffs yet; `change` is what its policy has different. */
export function createGatedConnector(redis: RedisConnection, change: Partial<DeliveryPolicy> = {}) {
  const shards = createShards(redis, `t${randomBytes(6).toString("hex")}`, 1);
  const [tag = ""] = shards.tags;
  const connector = createConnector({ ...POLICY, ...change });
  const handoffs = createHandoffStore(shards);
  const deliveries = createWorkerAttemptStore(shards);
  const resume = createClearThrottleAndBreaker(shards);
  const accesses = createSealedApiAccessStore(shards, () => 0);
  const ready: KnownDestination = { kind: "ready", until: FAR_FUTURE, delivery: connector.delivery };
  let contacts = 100_000_000_000;
  let claims = 0;

  async function claim({ destination = ready, ...order }: ClaimChange = {}): Promise<readonly ClaimedAttempt[]> {
    const claimed = await deliveries.claim(tag, {
      token: `claim${claims++}`,
      commandDeadline: FAR_FUTURE,
      slots: 100,
      table: "worker.1",
      everything: "running",
      random: 0,
      limit: 100,
      freeSlots: new Map(),
      replaySlots: 100,
      destinations: new Map([[connector.id, typeof destination === "string" ? undefined : destination]]),
      ...order,
    });
    return claimed.kind === "claimed" ? claimed.attempts : [];
  }

  const settle = (attempt: ClaimedAttempt, outcome: SignalOutcome, settlement: Settlement) =>
    deliveries.settle({ attempt, outcome, durationMs: 5, settlement, connector, isUnsent: false });

  return {
    ready,
    claim,
    connectorId: connector.id,
    accesses,
    resume: () => resume(connector.id),
    elapse: (ms: number) => elapse(redis, tag, ms),
    abandon: (attempt: ClaimedAttempt) => deliveries.abandon({ attempt, waitMs: 0 }),

    /** send accepts handoffs and gives them their places; gives what each waits for, as the answer says. */
    async send(count: number): Promise<readonly { readonly id: string; readonly waitingFor: string }[]> {
      const sent = Array.from({ length: count }, async () => {
        const { idempotency: _none, ...acceptance } = acceptanceOf(newId("ho"), connector);
        const accepted = await handoffs.accept({ ...acceptance, contactId: String(contacts++) });
        if (accepted.kind !== "accepted") throw new Error(accepted.kind);
        await handoffs.place(acceptance.id);
        return { id: acceptance.id, waitingFor: accepted.stored.handoff.waitingFor ?? "–" };
      });
      return Promise.all(sent);
    },

    /** standing tells where a queued handoff is and what it waits for. */
    async standing(id: string): Promise<string> {
      const isParked = (await redis.zscore(`${tag}:parked:${connector.id}`, id)) !== null;
      const waitingFor = (await handoffs.read(id))?.handoff.waitingFor ?? "–";
      return `${isParked ? "parked" : "elsewhere"}, ${waitingFor}`;
    },

    /** looksAgainAt gives the moment at which the gate is looked at next, epoch milliseconds. */
    looksAgainAt: async () => Number(await redis.zscore(`${tag}:gates`, connector.id)),

    /** has says whether the connector's hash holds this reason. */
    has: async (reason: "breaker" | "throttle") =>
      (await redis.hexists(`${tag}:c:${connector.id}`, reason === "breaker" ? "bs" : reason)) === 1,

    /** answer has CXone answer, and settles as the domain says. */
    answer: (attempt: ClaimedAttempt, outcome: SignalOutcome) =>
      settle(
        attempt,
        outcome,
        decideSettlement(outcome, connector.delivery, attempt, { now: attempt.startedAt, random: 0 }),
      ),

    /** breakOpen has the breaker open: everything that was sent failed. */
    async breakOpen(): Promise<void> {
      await this.send(BREAKER.minRequests);
      for (const attempt of await claim()) await this.answer(attempt, AMBIGUOUS);
    },

    /** throttle has CXone ask for stillness, for as long as a connector is held at most. */
    async throttle(): Promise<void> {
      await this.send(1);
      const outcome: SignalOutcome = { kind: "throttled", httpStatus: 429, retryAfterMs: 3_000_000 };
      for (const attempt of await claim()) await this.answer(attempt, outcome);
    },
  };
}
