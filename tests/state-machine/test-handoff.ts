/** One handoff in a namespace of its own, and everything that can be done to it: the real scripts on a real Redis. */
import { randomBytes } from "node:crypto";
import {
  type Connector,
  createIdInShard,
  type DeliveryPolicy,
  decideSettlement,
  ID_RANDOM_BYTES,
  type Settlement,
  type SignalOutcome,
} from "@baton/domain";
import { type AcceptRequest, createHandoffStore, type Idempotency } from "@baton/handoffs";
import type { ClaimedAttempt, ClaimRequest, KnownDestination } from "@baton/handoffs/claim-script-arguments-and-reply";
import { createClearThrottleAndBreaker } from "@baton/handoffs/clear-throttle-and-breaker";
import { createCollectRunPlanItems } from "@baton/handoffs/collect-run-plan-items";
import { createDeadLetterStore } from "@baton/handoffs/dead-letter-store";
import { createHandoffSearch } from "@baton/handoffs/handoff-search";
import { createMarkRestoredHandoffs } from "@baton/handoffs/mark-handoffs-restored-from-backup";
import { createReconcileAndPruneHandoffs, RECONCILE_START } from "@baton/handoffs/reconcile-and-prune-handoffs";
import { createRunItemStore } from "@baton/handoffs/run-item-store";
import { createWorkerAttemptStore } from "@baton/handoffs/worker-attempt-store";
import type { RedisConnection } from "@baton/redis/connection";
import { createShards } from "@baton/redis/shards";
import { createConnector, FAR_FUTURE } from "../../packages/domain/testing/connector.ts";
import { elapse } from "../../packages/handoffs/testing/elapse.ts";
import { flawsOf, placeOf, recordOf } from "./place.ts";

export const HOUR_MS = 3_600_000;

export const POLICY: DeliveryPolicy = {
  guarantee: "at-least-once",
  deadlineMs: HOUR_MS,
  maxAttempts: 10,
  attemptTimeoutMs: 3_000,
  // Longer than any test takes between two steps: none falls due by itself.
  backoff: { baseMs: 20_000, capMs: 20_000 },
  rate: null,
  maxHoldMs: 30_000,
  maxParamBytes: 256,
};

/** A live handoff whose moment is so long ago is looked at by the reconciler. Milliseconds. */
const OVERDUE_MS = 5_000;
/** No delay, back-off or attempt of these tests is longer. Milliseconds. */
const NEAR_MS = 31_000;
const CONTACT = "100000000001";

export type TestHandoff = ReturnType<typeof createTestHandoff>;
export type ClaimChange = Partial<Omit<ClaimRequest, "destinations">> & {
  readonly destination?: KnownDestination | "unknown" | "unsent";
};

/** Beside is what two subjects of one contact share. */
export interface Beside {
  readonly namespace: string;
  readonly connector: Connector;
}

/**
 * createTestHandoff gives a handoff that is not accepted yet; `change` is what its connector's policy has different.
 * `beside` is another one of the same contact.
 */
export function createTestHandoff(redis: RedisConnection, change: Partial<DeliveryPolicy> = {}, beside?: Beside) {
  const namespace = beside?.namespace ?? `t${randomBytes(6).toString("hex")}`;
  const shards = createShards(redis, namespace, 1);
  const [tag = ""] = shards.tags;
  const handoffs = createHandoffStore(shards);
  const deliveries = createWorkerAttemptStore(shards);
  const deadLetters = createDeadLetterStore(shards);
  const maintenance = createReconcileAndPruneHandoffs(shards);
  const search = createHandoffSearch(shards);
  const markRestored = createMarkRestoredHandoffs(shards);
  const resume = createClearThrottleAndBreaker(shards);
  const policy = { ...POLICY, ...change };
  const connector = beside === undefined ? createConnector(policy) : { ...beside.connector, delivery: policy };
  const id = newId("ho");
  const located = { redis, tag, id, connectorId: connector.id, contactId: CONTACT };
  let attempt = inventAttempt(id, connector.id);
  let claims = 0;

  const ready: KnownDestination = { kind: "ready", until: FAR_FUTURE, delivery: connector.delivery };

  /** claim asks as a worker does, and gives what it was answered. */
  async function claimed({ destination = ready, ...order }: ClaimChange = {}) {
    const destinations =
      destination === "unsent" ? [] : ([[connector.id, destination === "unknown" ? undefined : destination]] as const);
    return deliveries.claim(tag, {
      token: `claim${claims++}`,
      commandDeadline: FAR_FUTURE,
      slots: 10,
      table: "worker.1",
      everything: "running",
      random: 0,
      limit: 10,
      // A worker with free slots of a connector looks at its gate.
      freeSlots: new Map([[connector.id, order.limit ?? 10]]),
      replaySlots: 100,
      destinations: new Map(destinations),
      ...order,
    });
  }

  async function settleWith(settlement: Settlement, outcome: SignalOutcome, token = attempt.token): Promise<string> {
    const settled = { attempt: { ...attempt, token }, outcome, durationMs: 5, settlement, connector, isUnsent: false };
    return (await deliveries.settle(settled)).kind;
  }

  return {
    namespace,
    connector,
    resume,
    settleWith,

    accept: async (change: Partial<AcceptRequest> = {}) =>
      (await handoffs.accept({ ...acceptanceOf(id, connector), ...change })).kind,
    findByKey: async () => (await handoffs.findByKey(connector.id, idempotencyOf(id), "another")).kind,
    read: async () => ((await handoffs.read(id)) === undefined ? "none" : "found"),
    page: async () =>
      (await search({ connectorId: connector.id }, { limit: 10 })).items.some(isMine(id)) ? "found" : "none",
    withdraw: async () => ((await handoffs.withdraw(id)) ? "withdrawn" : "too-late"),
    cancel: async () => (await handoffs.cancel(id)).kind,
    discard: async () => (await deadLetters.discard(id)).kind,

    async place(): Promise<string> {
      await handoffs.place(id);
      return "nothing";
    },

    /**
     * claim says what became of this handoff: begun, destination missing (the claim asks for it), nothing, or
     * late.
     */
    async claim(change: ClaimChange = {}): Promise<string> {
      const answer = await claimed(change);
      if (answer.kind === "late") return "late";
      if (answer.faults.length > 0) throw new Error(answer.faults.join("; "));
      const mine = answer.attempts.find(isMine(id));
      if (mine !== undefined) attempt = mine;
      return mine !== undefined ? "begun" : answer.missingDestinations.length > 0 ? "destination missing" : "nothing";
    },

    /** claimAgain asks for the answer of the claim that began the last attempt, as a worker does that never got it. */
    claimAgain(): Promise<string> {
      return this.claim({ token: attempt.token.split(".")[0] ?? "", isRepeat: true });
    },

    /** answer has CXone answer the live attempt, and settles as the domain says. */
    answer: (outcome: SignalOutcome) =>
      settleWith(
        decideSettlement(outcome, connector.delivery, attempt, { now: attempt.startedAt, random: 0 }),
        outcome,
      ),

    async abandon(waitMs: number): Promise<string> {
      return (await deliveries.abandon({ attempt, waitMs })).kind;
    },

    async replay(force: boolean): Promise<string> {
      return (await deadLetters.replay({ id, force, rate: null, maxPending: 10, commandDeadline: FAR_FUTURE })).kind;
    },

    /** replayByRun has a run replay it, as its only item. */
    async replayByRun(): Promise<number> {
      const run = randomBytes(8).toString("hex").toUpperCase();
      const scope = { filter: {}, includeUnknown: true, skipEndedContacts: false };
      await createCollectRunPlanItems(shards)(run, scope);
      const step = await createRunItemStore(shards).step(tag, {
        run,
        version: 1,
        commandDeadline: FAR_FUTURE,
        isDiscard: false,
        quota: 1,
        includeUnknown: true,
        connectors: [{ id: connector.id, most: 1 }],
      });
      return step.kind === "stepped" ? step.replayed : 0;
    },

    /** reconcile comes once a moment that is near (a delay, a retry, the end of an attempt) is overdue. */
    async reconcile(): Promise<string> {
      await elapse(redis, tag, NEAR_MS + OVERDUE_MS);
      const { repaired, faults } = await maintenance.reconcile(tag, {
        from: RECONCILE_START,
        afterMs: OVERDUE_MS,
        limit: 10,
      });
      if (faults.length > 0) throw new Error(faults.join("; "));
      return repaired.includes(id) ? "repaired" : "nothing";
    },

    async prune(): Promise<string> {
      const options = { before: Date.now() + HOUR_MS, limit: 10 };
      const removed = [await maintenance.prune(tag, "ended", options), await maintenance.prune(tag, "dead", options)];
      return removed.some((count) => count > 0) ? "removed" : "none";
    },

    async markRestored(atMostOnce: readonly string[]): Promise<string> {
      const { marked, died, faults } = await markRestored(tag, atMostOnce);
      if (faults.length > 0) throw new Error(faults.join("; "));
      return died > 0 ? "died" : marked > 0 ? "marked" : "nothing";
    },

    /** stall does what BullMQ's stalled check does with a job whose lock is gone. */
    async stall(): Promise<void> {
      const job = `${id}-${await redis.hget(`${tag}:h:${id}`, "gen")}`;
      await redis.del(`${tag}:handoffs:${job}:lock`);
      await redis.lrem(`${tag}:handoffs:active`, 1, job);
      await redis.rpush(`${tag}:handoffs:wait`, job);
    },

    /** loseJob leaves the record without its job, as a Redis does that lost its last writes. */
    async loseJob(): Promise<void> {
      const job = `${id}-${await redis.hget(`${tag}:h:${id}`, "gen")}`;
      const queue = `${tag}:handoffs`;
      for (const list of ["wait", "active"]) await redis.lrem(`${queue}:${list}`, 0, job);
      await redis.zrem(`${queue}:delayed`, job);
      await redis.del(`${queue}:${job}`, `${queue}:${job}:lock`);
    },

    elapse: (ms: number) => elapse(redis, tag, ms),

    /** timesReady counts in `wait` the jobs of this handoff, of whatever generation. */
    async timesReady(): Promise<number> {
      return (await redis.lrange(`${tag}:handoffs:wait`, 0, -1)).filter((job) => job.startsWith(id)).length;
    },

    waitingFor: async () => (await handoffs.read(id))?.handoff.waitingFor,

    /**
     * state is what the record and its job say, without looking at the deadline: `queued (ready)`, `dead
     * (expired)`, `none`.
     */
    async state(): Promise<string> {
      const record = await recordOf(located);
      if (record === undefined) return "none";
      if (record.st === "dead") return `dead (${record.why})`;
      return record.st === "queued" || record.st === "sending"
        ? `${record.st} (${await placeOf(located)})`
        : (record.st ?? "");
    },

    flaws: () => flawsOf(located),
  };
}

function isMine(id: string) {
  return (item: { readonly id: string } | { readonly handoff: { readonly id: string } }) =>
    ("handoff" in item ? item.handoff.id : item.id) === id;
}

export function newId(prefix: "ho" | "cn"): string {
  return createIdInShard(prefix, 0, Date.now(), randomBytes(ID_RANDOM_BYTES));
}

/** acceptanceOf is what ingress asks for; `contactId` is the one contact of a subject. */
export function acceptanceOf(id: string, connector: Connector): AcceptRequest {
  return {
    id,
    connectorId: connector.id,
    contactId: CONTACT,
    origin: { accountId: connector.accountId, projectId: connector.projectId, environment: connector.environment },
    sealedParams: "sealed",
    delayMs: 0,
    deadlineMs: connector.delivery.deadlineMs,
    commandDeadline: FAR_FUTURE,
    rate: connector.delivery.rate,
    maxPending: 100,
    idempotency: idempotencyOf(id),
  };
}

function idempotencyOf(id: string): Idempotency {
  return { key: `key of ${id}`, fingerprints: ["body"], keepMs: 24 * HOUR_MS };
}

/** inventAttempt stands for the attempt of a handoff that has none. */
function inventAttempt(id: string, connectorId: string): ClaimedAttempt {
  const now = Date.now();
  const instants = { startedAt: now, until: now, deadlineAt: now, since: now };
  const counts = { number: 1, used: 1, generation: 1 };
  return { id, connectorId, token: "invented.1", ...counts, ...instants, contactId: CONTACT, sealedParams: "sealed" };
}
