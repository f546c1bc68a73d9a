/** Settlements: the result of an attempt as settle.lua reads it, and what the record says afterwards. */
import {
  type Attempt,
  type Connector,
  countsAgainstBreaker,
  type DeadReason,
  type HandoffStatus,
  type Settlement,
  type SignalOutcome,
} from "@baton/domain";
import { type Reply, readReplyNumber, readReplyText } from "@baton/redis/lua-script";
import type { ClaimedAttempt } from "./claim-script-arguments-and-reply.ts";
import { latencyBucket } from "./latency-histogram.ts";

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

/** Arguments are one attempt's, in the order of settle.lua's header. */
export type Arguments = readonly (string | number)[];

/** formatSettleScriptArguments describes an attempt that ended. */
export function formatSettleScriptArguments(result: AttemptResult): Arguments {
  const { attempt, outcome, durationMs, settlement, isUnsent } = result;
  const endedAt = attempt.startedAt + durationMs;
  const minute = Math.floor(endedAt / 60_000);
  // At-most-once takes a 503 without Retry-After for an ambiguous answer, and still dies of it as `unknown`.
  const isUncertain = outcome.kind === "ambiguous" || (settlement.kind === "dead" && settlement.reason === "unknown");
  return [
    attempt.id,
    attempt.token,
    settlement.kind,
    settlement.kind === "dead" ? settlement.reason : "",
    settlement.kind === "retry" ? settlement.waitMs : 0,
    settlement.kind === "retry" ? settlement.waitingFor : "",
    settlement.kind === "retry" && settlement.counted ? 1 : 0,
    settlement.kind !== "delivered" && settlement.holdMs !== undefined ? settlement.holdMs : "",
    countsAgainstBreaker(outcome.kind) ? 1 : 0,
    isUncertain ? 1 : 0,
    outcome.kind === "unreachable" ? 0 : 1,
    isUnsent ? 1 : 0,
    JSON.stringify(logEntry(result)),
    Math.floor(minute / 60),
    minute % 60,
    latencyBucket(endedAt - attempt.since),
  ];
}

/** formatAbandonScriptArguments takes an attempt back of which nothing was sent. */
export function formatAbandonScriptArguments({ attempt, waitMs, waitingFor = "retry" }: Abandonment): Arguments {
  const reason = waitMs === 0 ? "" : waitingFor;
  return [attempt.id, attempt.token, "abandon", "", waitMs, reason, 0, "", 0, 0, 0, 1, "", 0, 0, 0];
}

/** readSettleScriptReply gives an error where the script failed for this attempt alone. */
export function readSettleScriptReply(reply: readonly Reply[]): SettleResult | Error {
  const kind = readReplyText(reply, 0) as SettleResult["kind"] | "failed";
  if (kind === "failed") return new Error(`not settled: ${readReplyText(reply, 1)}`);
  if (kind !== "settled") return { kind };
  const reason = readReplyText(reply, 2);
  return {
    kind,
    status: readReplyText(reply, 1) as HandoffStatus,
    delayMs: readReplyNumber(reply, 3),
    isDuplicate: readReplyNumber(reply, 4) === 1,
    ...(reason === ""
      ? {}
      : { reason: reason as DeadReason, cause: readReplyText(reply, 5), endedAt: readReplyNumber(reply, 6) }),
  };
}

/** logEntry is an attempt's line in the attempt log. */
function logEntry({ attempt, outcome, durationMs }: AttemptResult): Attempt {
  return {
    number: attempt.number,
    startedAt: attempt.startedAt,
    durationMs,
    outcome: outcome.kind,
    ...("httpStatus" in outcome && outcome.httpStatus !== undefined ? { httpStatus: outcome.httpStatus } : {}),
    ...("detail" in outcome && outcome.detail !== undefined ? { detail: outcome.detail } : {}),
    ...("retryAfterMs" in outcome && outcome.retryAfterMs !== undefined ? { retryAfterMs: outcome.retryAfterMs } : {}),
  };
}
