/** The handoffs' records as the worker uses them: claim and settle, each for many at once. */
import {
  BREAKER,
  type Connector,
  type Correlation,
  type DeadReason,
  FENCE_MS,
  type HandoffStatus,
  type Settlement,
  type SignalOutcome,
} from "@baton/domain";
import { createBatcher } from "@baton/redis/batches";
import { createListScript, type Reply, readList, readNumber, readText, withCommandTimeout } from "@baton/redis/script";
import { mustTagOf, type Shards } from "@baton/redis/shards";
import { correlationIn } from "./record.ts";
import { type Arguments, readSettled, settleArguments } from "./settle-script.ts";

/**
 * LOCK_MS is how long a job is its worker's without a word from it: with a check every second, recovery takes 3.9 s at
 * most (BullMQ 6).
 */
export const LOCK_MS = 3_000;

/**
 * KnownDestination is what a worker knows of a connector, as claim.lua uses it. Instants are on Redis's clock. `ready`:
 * it may be signalled `until` then. `refused`: its handoffs die of that. `keys`: the worker's ring lacks a key that
 * sealed it.
 */
export type KnownDestination =
  | {
      readonly kind: "ready";
      readonly until: number;
      readonly delivery: Connector["delivery"];
      readonly pausedUntil?: number;
    }
  | {
      readonly kind: "refused";
      readonly until: number;
      readonly reason: "credentials" | "configuration";
      readonly httpStatus?: number;
      readonly detail: string;
    }
  | { readonly kind: "keys"; readonly until: number };

/** ClaimRequest asks for up to `slots` attempts. */
export interface ClaimRequest {
  /**
   * Names the claim, and with a number behind it each of its attempts. Short: a field over 64 bytes makes a record
   * large.
   */
  readonly token: string;
  /** The answer to this token was lost: gives what it began, and begins nothing. */
  readonly isRepeat?: boolean;
  /** After this, on Redis's clock, nothing is begun. */
  readonly commandDeadline: number;
  readonly slots: number;
  /** Names what this worker knows: the worker and the registry's version. */
  readonly table: string;
  /** Everything's pause; `resumed` once after it, so that every gate is looked at at once. */
  readonly everything: "paused" | "resumed" | "running";
  /** Spreads the wait after an interrupted attempt; in [0, 1). */
  readonly random: number;
  /** How many attempts of one connector this worker may have in flight; of those in `freeSlots`, so many more. */
  readonly limit: number;
  readonly freeSlots: ReadonlyMap<string, number>;
  /** What changed in the table since the last claim; undefined forgets a connector. */
  readonly destinations: ReadonlyMap<string, KnownDestination | undefined>;
}

/** ClaimedAttempt is an attempt on record. Instants are on Redis's clock; `until` is its latest end. */
export interface ClaimedAttempt {
  readonly id: string;
  readonly generation: number;
  readonly connectorId: string;
  readonly contactId: string;
  readonly token: string;
  /** Counts from 1 over the handoff's whole life. */
  readonly number: number;
  /** Counts from 1 within this budget. */
  readonly used: number;
  readonly startedAt: number;
  readonly until: number;
  readonly deadlineAt: number;
  /** When the handoff fell due: accepted with its delay over, or replayed. */
  readonly since: number;
  readonly sealedParams: string;
  /** Of the request that brought the handoff. */
  readonly correlation?: Correlation;
}

/** ClaimResult is what one claim began. `late`: it came after its `commandDeadline`. */
export type ClaimResult =
  | { readonly kind: "late" }
  | {
      readonly kind: "claimed";
      /** When to claim again, epoch milliseconds on Redis's clock; undefined where nothing is known. */
      readonly nextAt?: number;
      /** There is more to claim at once. */
      readonly hasMore: boolean;
      readonly attempts: readonly ClaimedAttempt[];
      /** Connectors whose destination this worker must find before it can take their handoffs. */
      readonly missingDestinations: readonly string[];
      /** What went wrong with single handoffs, in words. */
      readonly faults: readonly string[];
    };

/** SettleResult is what the record says after an attempt; `delayMs` is when a queued one is due. */
export type SettleResult =
  | { readonly kind: "gone" | "stale" }
  | {
      readonly kind: "settled";
      readonly status: HandoffStatus;
      readonly reason?: DeadReason;
      readonly delayMs: number;
      /** Of a dead one; `endedAt` is epoch milliseconds. */
      readonly cause?: string;
      readonly endedAt?: number;
      /** This attempt's request followed one that may have arrived. */
      readonly isDuplicate: boolean;
    };

/** AttemptResult is an attempt, its outcome and the verdict on it. */
export interface AttemptResult {
  readonly attempt: ClaimedAttempt;
  readonly outcome: SignalOutcome;
  readonly durationMs: number;
  readonly settlement: Settlement;
  readonly connector: Connector;
  /** Nothing left this process, for a reason of its own: the outcome says nothing of CXone. */
  readonly isUnsent: boolean;
}

/**
 * Abandonment takes an attempt back of which nothing was sent: it does not count. `keys`: this worker cannot open it;
 * `retry` unless said.
 */
export interface Abandonment {
  readonly attempt: ClaimedAttempt;
  readonly waitMs: number;
  readonly waitingFor?: "keys" | "retry";
}

/** UnreportedEvent is what no answer told: an attempt whose worker died, or a handoff that died while nobody had it in hand. */
export type UnreportedEvent = Correlation & { readonly id: string; readonly connectorId: string } & (
    | { readonly kind: "interrupted"; readonly duplicate: boolean }
    | {
        readonly kind: "died";
        readonly reason: DeadReason;
        readonly cause: string;
        readonly attempts: number;
        readonly diedAt: number;
      }
  );

export type DeliveryStore = ReturnType<typeof createDeliveryStore>;

/** createDeliveryStore gives the records of all shards to a worker. Throws when Redis cannot be reached. */
export function createDeliveryStore(shards: Shards) {
  const claim = createListScript(import.meta, "claim");
  const settle = createListScript(import.meta, "settle");
  const renewLocks = createListScript(import.meta, "renew-locks");
  const { minRequests, failureRatio, windowMs, openMs, maxOpenMs } = BREAKER;

  const settleEach = createBatcher<Arguments, SettleResult | Error>({
    schedule: setImmediate,
    async run(tag, attempts) {
      const head = [minRequests, failureRatio, windowMs, openMs, maxOpenMs, FENCE_MS];
      const replies = await settle(shards.redis, tag, [...head, ...attempts.flat()]);
      return attempts.map((_, i) => readSettled(readList(replies, i)));
    },
  });

  async function settleOne(id: string, args: Arguments): Promise<SettleResult> {
    return (await settleEach(mustTagOf(shards, "ho", id), args)) as SettleResult;
  }

  return {
    /** claim begins attempts; each is on record before it is known here. */
    async claim(tag: string, order: ClaimRequest): Promise<ClaimResult> {
      return readClaimed(await claim(shards.redis, tag, claimArguments(order)));
    },

    /**
     * settle applies the verdict, only for the live attempt, together with others of this turn; it may be asked again.
     */
    settle(settled: AttemptResult): Promise<SettleResult> {
      return settleOne(settled.attempt.id, settleArguments(settled));
    },

    /** abandon takes an attempt back of which nothing was sent, as if it had never begun; it may be asked again. */
    abandon({ attempt, waitMs, waitingFor = "retry" }: Abandonment): Promise<SettleResult> {
      const { id, token } = attempt;
      const reason = waitMs === 0 ? "" : waitingFor;
      return settleOne(id, [id, token, "abandon", "", waitMs, reason, 0, "", 0, 0, 0, 1, "", 0, 0, 0]);
    },

    /** renewLocks keeps the jobs of live attempts from being taken for stalled, for another LOCK_MS. */
    async renewLocks(tag: string, attempts: readonly Pick<ClaimedAttempt, "id" | "generation">[]): Promise<void> {
      const jobs = attempts.map(({ id, generation }) => `${id}-${generation}`);
      if (jobs.length > 0) await renewLocks(shards.redis, tag, [LOCK_MS, ...jobs]);
    },

    /** takeUnreportedEvents gives up to `limit` notes, and strikes them out: each is told once. */
    async takeUnreportedEvents(tag: string, limit: number): Promise<readonly UnreportedEvent[]> {
      const notes = (await withCommandTimeout(shards.redis.lpop(`${tag}:notes`, limit))) ?? [];
      return notes.map((note) => JSON.parse(note) as UnreportedEvent);
    },
  };
}

function claimArguments(order: ClaimRequest): Arguments {
  return [
    order.commandDeadline,
    order.token,
    order.isRepeat === true ? 1 : 0,
    order.slots,
    order.table,
    order.everything,
    LOCK_MS,
    FENCE_MS,
    order.random,
    order.limit,
    order.destinations.size,
    ...[...order.destinations].flatMap(([id, destination]) => [
      id,
      destination === undefined ? "" : formatDestination(destination),
    ]),
    ...[...order.freeSlots].flat(),
  ];
}

/** formatDestination writes a destination as claim.lua reads it. */
function formatDestination(destination: KnownDestination): string {
  const { kind, until } = destination;
  switch (destination.kind) {
    case "ready": {
      const { attemptTimeoutMs, guarantee, rate, maxAttempts, backoff } = destination.delivery;
      const amo = guarantee === "at-most-once" ? 1 : 0;
      const limits = [
        attemptTimeoutMs,
        amo,
        rate?.perSecond ?? "",
        rate?.burst ?? "",
        maxAttempts,
        backoff.baseMs,
        backoff.capMs,
      ];
      return [kind, until, ...limits, destination.pausedUntil ?? ""].join("|");
    }
    case "refused":
      return [kind, until, destination.reason, destination.httpStatus ?? "", destination.detail].join("|");
    case "keys":
      return [kind, until].join("|");
  }
}

function readClaimed(reply: readonly Reply[]): ClaimResult {
  if (readText(reply, 0) === "late") return { kind: "late" };
  const nextAt = readNumber(reply, 1);
  return {
    kind: "claimed",
    ...(nextAt > 0 ? { nextAt } : {}),
    hasMore: readText(reply, 2) === "1",
    attempts: readList(reply, 3).map((row) => readAttempt(Array.isArray(row) ? row : [])),
    missingDestinations: readList(reply, 4).map(String),
    faults: readList(reply, 5).map(String),
  };
}

function readAttempt(row: readonly Reply[]): ClaimedAttempt {
  return {
    id: readText(row, 0),
    connectorId: readText(row, 1),
    contactId: readText(row, 2),
    token: readText(row, 3),
    startedAt: readNumber(row, 4),
    until: readNumber(row, 5),
    used: readNumber(row, 6),
    number: readNumber(row, 7),
    deadlineAt: readNumber(row, 8),
    since: readNumber(row, 9),
    sealedParams: readText(row, 10),
    generation: readNumber(row, 11),
    ...correlationIn({ rq: readText(row, 12), rq2: readText(row, 13), tp: readText(row, 14) }),
  };
}
