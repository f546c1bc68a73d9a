/** The handoffs' records as the worker uses them: begin, settle, and mending what crashes left. */
import {
  type Attempt,
  BREAKER,
  type Connector,
  type Correlation,
  countsAgainstBreaker,
  type DeadReason,
  FENCE_MS,
  type HandoffStatus,
  type Settlement,
  type SignalOutcome,
  type WaitingFor,
} from "@baton/domain";
import { correlationIn, type StoredHandoff } from "./handoff-record.ts";
import { mustRead } from "./handoff-store.ts";
import { answered, createScript, list, number, type Reply, text } from "./script.ts";
import { mustTagOf, type Shards } from "./shards.ts";
import { latencyBucket } from "./stats.ts";

/** TakenHandoff is the right to work on a handoff, as its job states it. */
export interface TakenHandoff {
  readonly id: string;
  readonly generation: number;
}

/** Unable says why this worker could not send now, whatever the record says; `at` is epoch milliseconds on Redis's clock. `refused` ends the handoff. */
export type Unable =
  | { readonly kind: "token" | "share"; readonly at: number }
  | { readonly kind: "refused"; readonly reason: "credentials" | "configuration"; readonly detail: string; readonly httpStatus?: number };

/** BeginOptions: `nonce` names the attempt; `stopped` is everything's pause; `chance` in [0, 1) spreads the wait after an interrupted attempt. */
export interface BeginOptions {
  readonly connector: Pick<Connector, "id" | "paused" | "delivery">;
  readonly stopped: boolean;
  readonly nonce: string;
  readonly chance: number;
  readonly unable?: Unable;
}

/** BegunAttempt is an attempt on record. Instants are on Redis's clock; `until` is its latest end. */
export interface BegunAttempt {
  readonly id: string;
  readonly connectorId: string;
  readonly nonce: string;
  /** Counts from 1 over the handoff's whole life. */
  readonly number: number;
  /** Counts from 1 within this budget. */
  readonly used: number;
  readonly startedAt: number;
  readonly until: number;
  readonly deadlineAt: number;
  /** When the handoff fell due: accepted with its delay over, or replayed. */
  readonly since: number;
  readonly contactId: string;
  /** Sealed. */
  readonly params: string;
  /** Of the request that brought the handoff. */
  readonly correlation?: Correlation;
}

/** Begun says what a taken job may do. `wake` is the job of whoever waited behind one that ended. */
export type Begun =
  | { readonly kind: "drop" | "newer" }
  | { readonly kind: "wait"; readonly waitMs: number; readonly waitingFor: WaitingFor | null }
  | { readonly kind: "ended"; readonly stored: StoredHandoff; readonly wake?: string }
  | { readonly kind: "sending"; readonly attempt: BegunAttempt };

/** Settled is what the record says after an attempt; `delayMs` is when a queued one is due. */
export type Settled =
  | { readonly kind: "gone" | "stale" }
  | {
      readonly kind: "settled";
      readonly status: HandoffStatus;
      readonly reason?: DeadReason;
      readonly delayMs: number;
      readonly wake?: string;
      /** This attempt's request followed one that may have arrived. */
      readonly duplicate: boolean;
      readonly generation: number;
      /** Of a dead one. */
      readonly cause?: string;
      readonly endedAt?: number;
    };

/** SettledAttempt is an attempt, its outcome and the verdict on it. */
export interface SettledAttempt {
  /** Nothing left this process, for a reason of its own: the outcome says nothing of CXone. */
  readonly unsent?: boolean;
  readonly attempt: BegunAttempt;
  readonly outcome: SignalOutcome;
  readonly durationMs: number;
  readonly settlement: Settlement;
  readonly connector: Connector;
}

/** InterruptedAttempt is one whose worker died. `duplicate`: it followed one that may have arrived. */
export interface InterruptedAttempt extends Correlation {
  readonly id: string;
  readonly connectorId: string;
  readonly duplicate: boolean;
}

/** HandedBack says when a handoff is to be taken again. */
export type HandedBack = { readonly kind: "stale" } | { readonly kind: "queued"; readonly delayMs: number };

/** DueJob is a job to add: `delayMs` from now. */
export interface DueJob extends TakenHandoff {
  readonly connectorId: string;
  readonly delayMs: number;
}

/** ReleaseOptions: at most `limit` handoffs a step. */
export interface ReleaseOptions {
  readonly connector: Connector;
  readonly stopped: boolean;
  readonly limit: number;
}

export type DeliveryStore = ReturnType<typeof createDeliveryStore>;

/** createDeliveryStore gives the records of all shards to a worker. Throws when Redis cannot be reached. */
export function createDeliveryStore(shards: Shards) {
  const begin = createScript<object>("begin");
  const settle = createScript<object>("settle");
  const handBack = createScript<object>("hand-back");
  const release = createScript<object>("release");

  return {
    /** begin decides what a taken job may do now; with the same nonce it may be asked again. */
    async begin(taken: TakenHandoff, options: BeginOptions): Promise<Begun> {
      const { delivery, paused } = options.connector;
      const reply = await begin(shards.redis, mustTagOf(shards, "ho", taken.id), {
        id: taken.id,
        generation: taken.generation,
        nonce: options.nonce,
        stopped: options.stopped,
        paused,
        rate: delivery.rate,
        maxAttempts: delivery.maxAttempts,
        attemptTimeoutMs: delivery.attemptTimeoutMs,
        atMostOnce: delivery.guarantee === "at-most-once",
        backoff: delivery.backoff,
        chance: options.chance,
        fenceMs: FENCE_MS,
        unable: options.unable,
      });
      return readBegun(reply, taken, options);
    },

    /** settle applies the verdict, only for the live attempt; it may be asked again. */
    async settle(settled: SettledAttempt): Promise<Settled> {
      const { attempt, settlement, connector } = settled;
      const endedAt = attempt.startedAt + settled.durationMs;
      const minute = Math.floor(endedAt / 60_000);
      const reply = await settle(shards.redis, mustTagOf(shards, "ho", attempt.id), {
        id: attempt.id,
        nonce: attempt.nonce,
        entry: JSON.stringify(ledgerEntry(settled)),
        outcome: outcomeForScript(settled),
        verdict: settlement,
        rate: connector.delivery.rate,
        breaker: BREAKER,
        statsHour: Math.floor(minute / 60),
        statsMinute: minute % 60,
        statsBucket: latencyBucket(endedAt - attempt.since),
      });
      return readSettled(reply);
    },

    /** handBack takes an attempt back of which nothing left, as if it had never begun; it may be asked again. `stale`: it is not ours any more. */
    async handBack({ id, nonce }: BegunAttempt, waitMs: number): Promise<HandedBack> {
      const reply = await handBack(shards.redis, mustTagOf(shards, "ho", id), { id, nonce, waitMs });
      return text(reply, 0) === "queued" ? { kind: "queued", delayMs: number(reply, 1) } : { kind: "stale" };
    },

    /** heldConnectors lists connectors of one shard whose waiting handoffs are to be looked at. */
    async heldConnectors(tag: string, now: number): Promise<readonly string[]> {
      return answered(shards.redis.zrangebyscore(`${tag}:held`, "-inf", now));
    },

    /** forgetHeld strikes a connector out of that list, since it is no more. */
    async forgetHeld(tag: string, connectorId: string): Promise<void> {
      await answered(shards.redis.zrem(`${tag}:held`, connectorId));
    },

    /** takeWakes gives up to `limit` jobs that were noted to be promoted, and strikes them out; a job that was promoted already is no harm. */
    async takeWakes(tag: string, limit: number): Promise<readonly string[]> {
      return (await answered(shards.redis.lpop(`${tag}:wakes`, limit))) ?? [];
    },

    /** takeInterrupted gives up to `limit` attempts that somebody called interrupted, and strikes them out: each is told once. */
    async takeInterrupted(tag: string, limit: number): Promise<readonly InterruptedAttempt[]> {
      const notes = (await answered(shards.redis.lpop(`${tag}:interrupted`, limit))) ?? [];
      return notes.map((note) => JSON.parse(note) as InterruptedAttempt);
    },

    /** release lets the next ones go, where their condition was lifted; the jobs are the caller's to add. */
    async release(options: ReleaseOptions): Promise<readonly DueJob[]> {
      const { id, paused, delivery } = options.connector;
      const reply = await release(shards.redis, mustTagOf(shards, "cn", id), {
        connectorId: id,
        stopped: options.stopped,
        paused,
        rate: delivery.rate,
        limit: options.limit,
        fenceMs: FENCE_MS,
      });
      return Array.from({ length: reply.length / 3 }, (_, row) => ({
        id: text(reply, row * 3),
        connectorId: id,
        generation: number(reply, row * 3 + 1),
        delayMs: number(reply, row * 3 + 2),
      }));
    },
  };
}

function readBegun(reply: readonly Reply[], taken: TakenHandoff, options: BeginOptions): Begun {
  const kind = text(reply, 0) as Begun["kind"];
  switch (kind) {
    case "drop":
    case "newer":
      return { kind };
    case "wait": {
      const waitingFor = text(reply, 2);
      return { kind, waitMs: number(reply, 1), waitingFor: waitingFor === "" ? null : (waitingFor as WaitingFor) };
    }
    case "ended": {
      const wake = text(reply, 2);
      return { kind, stored: mustRead(taken.id, list(reply, 1)), ...(wake === "" ? {} : { wake }) };
    }
    case "sending":
      return { kind, attempt: readAttempt(reply, taken, options) };
  }
}

function readAttempt(reply: readonly Reply[], taken: TakenHandoff, options: BeginOptions): BegunAttempt {
  return {
    id: taken.id,
    connectorId: options.connector.id,
    nonce: options.nonce,
    startedAt: number(reply, 1),
    until: number(reply, 2),
    used: number(reply, 3),
    number: number(reply, 4),
    deadlineAt: number(reply, 5),
    since: number(reply, 6),
    contactId: text(reply, 7),
    params: text(reply, 8),
    ...correlationIn({ rq: text(reply, 9), rq2: text(reply, 10), tp: text(reply, 11) }),
  };
}

function readSettled(reply: readonly Reply[]): Settled {
  const kind = text(reply, 0) as Settled["kind"];
  if (kind !== "settled") return { kind };
  const reason = text(reply, 2);
  const wake = text(reply, 4);
  return {
    kind,
    status: text(reply, 1) as HandoffStatus,
    ...(reason === "" ? {} : { reason: reason as DeadReason }),
    delayMs: number(reply, 3),
    ...(wake === "" ? {} : { wake }),
    duplicate: number(reply, 5) === 1,
    generation: number(reply, 6),
    ...(text(reply, 7) === "" ? {} : { cause: text(reply, 7), endedAt: number(reply, 8) }),
  };
}

function ledgerEntry({ attempt, outcome, durationMs }: SettledAttempt): Attempt {
  return {
    number: attempt.number,
    startedAt: attempt.startedAt,
    durationMs,
    outcome: outcome.kind,
    ...("httpStatus" in outcome && outcome.httpStatus !== undefined ? { httpStatus: outcome.httpStatus } : {}),
    ...("detail" in outcome && outcome.detail !== undefined ? { detail: outcome.detail } : {}),
  };
}

function outcomeForScript({ outcome, settlement, unsent = false }: SettledAttempt) {
  return {
    failed: countsAgainstBreaker(outcome.kind),
    unsent,
    // At-most-once takes a 503 without Retry-After for an ambiguous answer, and dies of it as `unknown` all the same.
    uncertain: outcome.kind === "ambiguous" || (settlement.kind === "dead" && settlement.reason === "unknown"),
    sent: outcome.kind !== "unreachable",
    httpStatus: "httpStatus" in outcome ? outcome.httpStatus : undefined,
    detail: "detail" in outcome ? outcome.detail : undefined,
  };
}
