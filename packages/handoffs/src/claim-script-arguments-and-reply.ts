/** Claims: what a worker asks for, what it knows of connectors, and the attempts that it gets (claim.lua). */
import { type ApiAccessRefusal, type Correlation, type DeliveryPolicy, FENCE_MS } from "@baton/domain";
import { type Reply, readReplyList, readReplyNumber, readReplyRows, readReplyText } from "@baton/redis/lua-script";
import { correlationFromRecordFields } from "./handoff-record.ts";

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
      readonly delivery: DeliveryPolicy;
      readonly pausedUntil?: number;
    }
  | ({ readonly kind: "refused"; readonly until: number } & ApiAccessRefusal)
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
  /** How many of the slots may go to items of runs: the rest stays for live handoffs. */
  readonly replaySlots: number;
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
  /** `traceparent` of the request that replayed it, or started its run. */
  readonly replayTraceparent?: string;
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

/** formatClaimScriptArguments writes a request as claim.lua reads it. */
export function formatClaimScriptArguments(request: ClaimRequest): readonly (string | number)[] {
  return [
    request.commandDeadline,
    request.token,
    request.isRepeat === true ? 1 : 0,
    request.slots,
    request.table,
    request.everything,
    LOCK_MS,
    FENCE_MS,
    request.random,
    request.limit,
    request.replaySlots,
    request.destinations.size,
    ...[...request.destinations].flatMap(([id, destination]) => [
      id,
      destination === undefined ? "" : formatDestination(destination),
    ]),
    ...[...request.freeSlots].flat(),
  ];
}

/** formatDestination writes a destination as claim.lua reads it. */
function formatDestination(destination: KnownDestination): string {
  const { kind, until } = destination;
  switch (destination.kind) {
    case "ready": {
      const { attemptTimeoutMs, guarantee, rate, maxAttempts, backoff } = destination.delivery;
      const amo = guarantee === "at-most-once" ? 1 : 0;
      const rates = [rate?.perSecond ?? "", rate?.burst ?? ""];
      const retries = [maxAttempts, backoff.baseMs, backoff.capMs];
      return [kind, until, attemptTimeoutMs, amo, ...rates, ...retries, destination.pausedUntil ?? ""].join("|");
    }
    case "refused":
      return [kind, until, destination.reason, destination.httpStatus ?? "", destination.detail].join("|");
    case "keys":
      return [kind, until].join("|");
  }
}

/** readClaimScriptReply reads what claim.lua gives. */
export function readClaimScriptReply(reply: readonly Reply[]): ClaimResult {
  if (readReplyText(reply, 0) === "late") return { kind: "late" };
  const nextAt = readReplyNumber(reply, 1);
  return {
    kind: "claimed",
    ...(nextAt > 0 ? { nextAt } : {}),
    hasMore: readReplyText(reply, 2) === "1",
    attempts: readReplyRows(readReplyList(reply, 3)).map(readAttempt),
    missingDestinations: readReplyList(reply, 4).map(String),
    faults: readReplyList(reply, 5).map(String),
  };
}

function readAttempt(row: readonly Reply[]): ClaimedAttempt {
  const replayTraceparent = readReplyText(row, 15);
  return {
    id: readReplyText(row, 0),
    connectorId: readReplyText(row, 1),
    contactId: readReplyText(row, 2),
    token: readReplyText(row, 3),
    startedAt: readReplyNumber(row, 4),
    until: readReplyNumber(row, 5),
    used: readReplyNumber(row, 6),
    number: readReplyNumber(row, 7),
    deadlineAt: readReplyNumber(row, 8),
    since: readReplyNumber(row, 9),
    sealedParams: readReplyText(row, 10),
    generation: readReplyNumber(row, 11),
    ...correlationFromRecordFields({
      rq: readReplyText(row, 12),
      rq2: readReplyText(row, 13),
      tp: readReplyText(row, 14),
    }),
    ...(replayTraceparent === "" ? {} : { replayTraceparent }),
  };
}
