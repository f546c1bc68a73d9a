/** A namespace of a real Redis for one test, with everything a handoff needs in it, and a way to let its time pass. */
import { randomBytes } from "node:crypto";
import {
  type Connector,
  createIdInShard,
  ID_RANDOM_BYTES,
  type Settlement,
  type SignalOutcome,
  shardOfId,
  type WaitingFor,
} from "@baton/domain";
import type { RedisConnection } from "@baton/redis/connection";
import { readRedisTime } from "@baton/redis/lua-script";
import { createShards } from "@baton/redis/shards";
import { onTestFinished } from "vitest";
import { createConnector, FAR_FUTURE } from "../../domain/testing/connector.ts";
import { openTestRedis } from "../../redis/testing/redis.ts";
import type {
  ClaimedAttempt,
  ClaimRequest,
  ClaimResult,
  KnownDestination,
} from "../src/claim-script-arguments-and-reply.ts";
import { createDeadLetterStore } from "../src/dead-letter-store.ts";
import type { StoredHandoff } from "../src/handoff-record.ts";
import { type AcceptRequest, type AcceptResult, createHandoffStore } from "../src/handoff-store.ts";
import { createReconcileAndPruneHandoffs } from "../src/reconcile-and-prune-handoffs.ts";
import { createSealedApiAccessStore } from "../src/sealed-api-access-store.ts";
import type { SettleResult } from "../src/settle-script-arguments-and-reply.ts";
import { createWorkerAttemptStore } from "../src/worker-attempt-store.ts";
import { elapse } from "./elapse.ts";

export { createConnector, FAR_FUTURE, openTestRedis };

export type Space = ReturnType<typeof createSpace>;
/** ClaimChange is what of a claim is not as usual: `worker` asks, with what it knows under the registry's `version`. */
export type ClaimChange = Partial<ClaimRequest> & { readonly worker?: string; readonly version?: number };
export type Claim = Extract<ClaimResult, { readonly kind: "claimed" }>;

/** FAR_MS: a moment that no test reaches. */
export const FAR_MS = 1_000_000_000;

/** setup opens a connection and a namespace for a test. */
export async function setup(shards = 1): Promise<Space> {
  return createSpace(await openTestRedis(), shards);
}

/** createSpace takes a fresh namespace: property tests need one for every run. */
export function createSpace(redis: RedisConnection, count = 1) {
  const namespace = `t${randomBytes(6).toString("hex")}`;
  const shards = createShards(redis, namespace, count);
  const handoffs = createHandoffStore(shards);
  const deliveries = createWorkerAttemptStore(shards);
  const deadLetters = createDeadLetterStore(shards);
  let elapsedMs = 0;
  onTestFinished(async () => {
    for (const tag of shards.tags) {
      const keys = await redis.keys(`${tag}:*`);
      if (keys.length > 0) await redis.unlink(...keys);
    }
  });

  async function accept(connector: Connector, change: Partial<AcceptRequest> = {}): Promise<AcceptResult> {
    return handoffs.accept({ ...acceptance(connector), ...change });
  }

  /** Accepts one that must be taken, and gives it its place, as ingress does. */
  async function queued(connector: Connector, change: Partial<AcceptRequest> = {}): Promise<StoredHandoff> {
    const accepted = await accept(connector, change);
    if (accepted.kind !== "accepted") throw new Error(`not accepted: ${JSON.stringify(accepted)}`);
    await handoffs.place(accepted.stored.handoff.id);
    return accepted.stored;
  }

  const { order, claim } = createClaims(shards.tags, deliveries);

  /** Begins one that must be the next to go. */
  async function sending(
    connector: Connector,
    { handoff }: StoredHandoff,
    change: ClaimChange = {},
  ): Promise<ClaimedAttempt> {
    const { attempts } = await claim(connector, { slots: 1, ...change });
    const [attempt] = attempts;
    if (attempt?.id === handoff.id) return attempt;
    throw new Error(
      `${attempt?.id ?? "nothing"} was begun in the place of ${JSON.stringify(await handoffs.read(handoff.id))}`,
    );
  }

  /** Claims, and gives what a handoff waits for that was not begun. */
  async function waits(
    connector: Connector,
    { handoff }: StoredHandoff,
    change: ClaimChange = {},
  ): Promise<WaitingFor | null> {
    const { attempts } = await claim(connector, change);
    const now = await handoffs.read(handoff.id);
    if (attempts.some(({ id }) => id === handoff.id) || now?.handoff.waitingFor === undefined) {
      throw new Error(`it does not wait: ${JSON.stringify(now)}`);
    }
    return now.handoff.waitingFor;
  }

  function settle(
    connector: Connector,
    attempt: ClaimedAttempt,
    [outcome, settlement]: Verdict,
    isUnsent = false,
  ): Promise<SettleResult> {
    return deliveries.settle({ attempt, outcome, durationMs: 5, settlement, connector, isUnsent });
  }

  /** Accepts one and lets it die. */
  async function die(
    connector: Connector,
    verdict: Verdict = REJECTED,
    change: Partial<AcceptRequest> = {},
  ): Promise<StoredHandoff> {
    const stored = await queued(connector, change);
    await settle(connector, await sending(connector, stored), verdict);
    return read(stored);
  }

  async function read({ handoff }: StoredHandoff): Promise<StoredHandoff> {
    const stored = await handoffs.read(handoff.id);
    if (stored === undefined) throw new Error(`${handoff.id} is gone`);
    return stored;
  }

  return {
    redis,
    shards,
    tag: shards.tags[0] ?? "",
    handoffs,
    deliveries,
    deadLetters,
    maintenance: createReconcileAndPruneHandoffs(shards),
    accesses: createSealedApiAccessStore(shards, () => 0),
    acceptance,
    accept,
    queued,
    order,
    claim,
    sending,
    waits,
    settle,
    die,
    read,
    replay: (
      stored: StoredHandoff,
      change: { force?: boolean; deadlineMs?: number; rate?: null; maxPending?: number; commandDeadline?: number } = {},
    ) =>
      deadLetters.replay({
        id: stored.handoff.id,
        force: false,
        rate: null,
        maxPending: 1_000,
        commandDeadline: FAR_FUTURE,
        ...change,
      }),

    /** Lets time pass for everything in this namespace (elapse.ts). */
    async elapse(ms: number): Promise<void> {
      elapsedMs += ms;
      await Promise.all(shards.tags.map((tag) => elapse(redis, tag, ms)));
    },

    /** Gives jobs back whose lock has ended, as BullMQ's stalled check does (bullmq.test.ts). */
    async giveBackStalled(): Promise<void> {
      const [tag = ""] = shards.tags;
      for (const job of await redis.lrange(`${tag}:handoffs:active`, 0, -1)) {
        if ((await redis.exists(`${tag}:handoffs:${job}:lock`)) === 1) continue;
        await redis.lrem(`${tag}:handoffs:active`, 0, job);
        await redis.rpush(`${tag}:handoffs:wait`, job);
      }
    },

    /** Now on Redis's clock, with what `elapse` let pass. */
    async now(): Promise<number> {
      return (await readRedisTime(redis, "")) + elapsedMs;
    },

    /**
     * How much `elapse` let pass, milliseconds: an instant read from a record plus this is the moment in the test's
     * time.
     */
    elapsed: () => elapsedMs,
  };
}

/** ready is a destination whose token does not end; a connector that is paused is paused in it. */
export function ready({ delivery, paused }: Connector): KnownDestination {
  return { kind: "ready", until: FAR_FUTURE, delivery, ...(paused ? { pausedUntil: FAR_FUTURE } : {}) };
}

/**
 * createClaims asks as workers do: each sends Redis only what it has not sent before under this version of the
 * registry.
 */
function createClaims(tags: readonly string[], deliveries: ReturnType<typeof createWorkerAttemptStore>) {
  const sent = new Map<string, string>();

  /** Gives the order of a worker that knows these connectors as ready, with a hundred free slots. */
  function order(connectors: Connector | readonly Connector[], change: ClaimChange = {}): ClaimRequest {
    const { worker = "w", version = 1, ...rest } = change;
    const table = `${worker}.${version}`;
    const destinations = new Map<string, KnownDestination>();
    for (const connector of rest.destinations === undefined ? [connectors].flat() : []) {
      const destination = ready(connector);
      const key = `${table} ${connector.id}`;
      if (sent.get(key) !== JSON.stringify(destination)) destinations.set(connector.id, destination);
      sent.set(key, JSON.stringify(destination));
    }
    for (const id of rest.destinations?.keys() ?? []) sent.delete(`${table} ${id}`);
    return {
      token: randomBytes(6).toString("base64url"),
      commandDeadline: FAR_FUTURE,
      slots: 100,
      table,
      everything: "running",
      random: 0,
      limit: 1_000,
      replaySlots: 100,
      freeSlots: new Map(),
      destinations,
      ...rest,
    };
  }

  /** Claims in the shard of the first of these connectors. */
  async function claim(connectors: Connector | readonly Connector[], change: ClaimChange = {}): Promise<Claim> {
    const [first] = [connectors].flat();
    const tag = first === undefined ? undefined : tags[shardOfId("cn", first.id) ?? 0];
    const asked = order(connectors, change);
    const claimed = await deliveries.claim(tag ?? tags[0] ?? "", asked);
    if (claimed.kind === "late") throw new Error("the claim came late");
    // Redis removes a worker's table after ten minutes without use: what it does not have is sent again.
    for (const id of claimed.missingDestinations) sent.delete(`${asked.table} ${id}`);
    return claimed;
  }

  return { order, claim };
}

export type Verdict = readonly [outcome: SignalOutcome, settlement: Settlement];
export const DELIVERED: Verdict = [{ kind: "accepted", httpStatus: 202 }, { kind: "delivered" }];
export const REJECTED: Verdict = [
  { kind: "rejected", httpStatus: 404, detail: "no such contact" },
  { kind: "dead", reason: "rejected" },
];

/** again is an attempt that failed as `kind` and is tried again. */
export function again(
  kind: "unavailable" | "ambiguous" | "unreachable" | "throttled",
  waitMs = 0,
  more: { holdMs?: number } = {},
): Verdict {
  const outcome: SignalOutcome =
    kind === "unreachable" ? { kind, detail: "refused" } : { kind, httpStatus: kind === "throttled" ? 429 : 503 };
  return [outcome, { kind: "retry", waitMs, waitingFor: "retry", counted: true, ...more }];
}

let contacts = 100_000_000_000;

function acceptance({ id, delivery }: Connector): AcceptRequest {
  return {
    id: createIdInShard("ho", shardOfId("cn", id) ?? 0, Date.now(), randomBytes(ID_RANDOM_BYTES)),
    connectorId: id,
    contactId: String(contacts++),
    origin: { accountId: "acme", projectId: id, environment: "live" },
    sealedParams: "sealed params",
    delayMs: 0,
    deadlineMs: delivery.deadlineMs,
    commandDeadline: FAR_FUTURE,
    rate: delivery.rate,
    maxPending: 1_000,
  };
}
