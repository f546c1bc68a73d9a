/**
 * Delivering one handoff whose attempt a claim has put on record: replicate and gather, signal, settle, report. Where
 * something is missing, nothing is sent and the attempt is abandoned.
 */
import { type Connector, decideSettlement, type Params, type SignalOutcome } from "@baton/domain";
import type { ClaimedAttempt } from "@baton/handoffs/claim-script-arguments-and-reply";
import type { Abandonment, AttemptResult, SettleResult } from "@baton/handoffs/settle-script-arguments-and-reply";
import { isRedisUnavailable } from "@baton/redis/connection";
import { retryUntilRedisAnswers } from "@baton/redis/retry-until-redis-answers";
import type { AttemptSpan } from "@baton/telemetry";
import { UnknownKey } from "@baton/vault";
import type { Destination, SignalLimits, SignalSender } from "./destination-with-cxone-client.ts";

/**
 * A handoff whose attempt no replica knew of in time is tried again after so long: a failover, or a replica's way back,
 * takes seconds. Milliseconds.
 */
const UNREPLICATED_MS = 1_000;
/** A handoff that a fault of this worker's kept from being sent is tried again after so long. Milliseconds. */
const FAULT_MS = 1_000;
/** A handoff whose parameters this worker cannot open is left to others for so long. Milliseconds. */
const MISSING_KEY_MS = 1_000;

interface Deps {
  readonly handoffs: {
    settle(settled: AttemptResult): Promise<SettleResult>;
    abandon(abandonment: Abandonment): Promise<SettleResult>;
  };
  /**
   * Resolves once an attempt on record is as safe as `BATON_DURABILITY` asks, throws when it is not in time; undefined
   * where it is as it is.
   */
  readonly waitUntilReplicated: (attempt: ClaimedAttempt) => Promise<void> | undefined;
  readonly destinations: {
    find(connectorId: string): Promise<Destination | undefined>;
    invalidate(connectorId: string): void;
  };
  readonly random: () => number;
  readonly report: AttemptTelemetry;
  /** Begins an attempt's span, and never rejects; undefined where nothing is traced. */
  readonly beginSpan?: ((attempt: ClaimedAttempt) => Promise<AttemptSpan>) | undefined;
}

/** AttemptTelemetry gets everything worth a metric or a line in the log. */
export interface AttemptTelemetry {
  attempted(settled: AttemptResult, after: SettleResult): void;
  /** Nothing was sent, for a reason of this worker's; the handoff goes on. `error` is what a `fault` was. */
  abandoned(attempt: ClaimedAttempt, why: AbandonReason, error?: unknown): void;
  /** What became of it could not be written down, and not because Redis is away: a fault of ours. */
  failed(attempt: ClaimedAttempt, error: unknown): void;
}

/**
 * AbandonReason is why nothing was sent: no replica knew of the attempt in time, the token was gone, a key is not in
 * the ring, the claim's answer was lost, or a fault of this worker's.
 */
export type AbandonReason = "unreplicated" | "token" | "keys" | "unanswered" | "fault";

/**
 * DeliverHandoff gives whether CXone accepted the signal; `claimedAt` is when its claim was sent, on the monotonic
 * clock. Never rejects.
 */
export type DeliverHandoff = (attempt: ClaimedAttempt, claimedAt: number) => Promise<boolean>;

/** createDeliverHandoff makes what a worker does with each attempt that it claimed. */
export function createDeliverHandoff(deps: Deps): DeliverHandoff {
  const deliver = createDeliver(deps);
  const { beginSpan } = deps;
  if (beginSpan === undefined) return deliver;
  return async (attempt, claimedAt) => {
    const span = await beginSpan(attempt);
    const { traceparent } = span;
    return deliver({ ...attempt, correlation: { ...attempt.correlation, traceparent } }, claimedAt, span);
  };
}

/** createDeliver: the span of an attempt, where there is one, ends with it. */
function createDeliver(deps: Deps) {
  return async (attempt: ClaimedAttempt, claimedAt: number, span?: AttemptSpan): Promise<boolean> => {
    try {
      const gathered = await gatherSignalInput(deps, attempt);
      if ("why" in gathered) {
        span?.end({ isCounted: false, error: gathered.why });
        return await abandon(deps, attempt, gathered);
      }
      const signalled = await sendSignal(attempt, { ...gathered, span }, claimedAt);
      return await settleAttempt(deps, { attempt, connector: gathered.connector, span, ...signalled });
    } catch (error) {
      span?.end({ isCounted: false, error: "unsettled" });
      if (!isRedisUnavailable(error)) deps.report.failed(attempt, error);
      return false;
    }
  };
}

/** SignalInput is what a signal needs. */
interface SignalInput {
  readonly connector: Connector;
  readonly send: SignalSender;
  readonly params: Params;
}

/** Unsent is why there is no signal to send. */
interface Unsent {
  readonly why: Exclude<AbandonReason, "unanswered">;
  readonly error?: unknown;
}

/** gatherSignalInput finds what a signal needs, or why there is none. */
async function gatherSignalInput(deps: Deps, attempt: ClaimedAttempt): Promise<SignalInput | Unsent> {
  try {
    // An attempt that a failover forgets would be made again by a worker that knows nothing of it.
    const replicated = deps.waitUntilReplicated(attempt)?.then(() => true);
    if (replicated !== undefined && !(await unlessUnavailable(replicated))) return { why: "unreplicated" };
    // What the claim was sent is in memory, unless it was removed since.
    const destination = await unlessUnavailable(deps.destinations.find(attempt.connectorId));
    const send = await unlessUnavailable(destination?.prepare() ?? Promise.resolve(undefined));
    if (destination === undefined || send === undefined) return { why: "token" };
    const params = openParams(destination, attempt);
    return params === undefined ? { why: "keys" } : { connector: destination.connector, send, params };
  } catch (error) {
    return { why: "fault", error };
  }
}

/** unlessUnavailable gives undefined where Redis is away. */
async function unlessUnavailable<T>(asked: Promise<T>): Promise<T | undefined> {
  return asked.catch((error: unknown) => {
    if (isRedisUnavailable(error)) return undefined;
    throw error;
  });
}

/** openParams gives undefined where the key is not in this worker's ring: another worker may have it. */
function openParams(destination: Destination, attempt: ClaimedAttempt): Params | undefined {
  try {
    return destination.openParams(attempt.id, attempt.sealedParams);
  } catch (error) {
    if (error instanceof UnknownKey) return undefined;
    throw error;
  }
}

async function abandon(deps: Deps, attempt: ClaimedAttempt, { why, error }: Unsent): Promise<boolean> {
  if (why === "token" || why === "fault") deps.destinations.invalidate(attempt.connectorId);
  await retryUntilRedisAnswers(() => deps.handoffs.abandon(abandonmentOf(attempt, why)));
  deps.report.abandoned(attempt, why, error);
  return false;
}

function abandonmentOf(attempt: ClaimedAttempt, why: Unsent["why"]): Abandonment {
  switch (why) {
    case "unreplicated":
      return { attempt, waitMs: UNREPLICATED_MS };
    case "token":
      return { attempt, waitMs: 0 };
    case "keys":
      return { attempt, waitMs: MISSING_KEY_MS, waitingFor: "keys" };
    case "fault":
      return { attempt, waitMs: FAULT_MS };
  }
}

/** SignalResult is what became of the signal; `endedAt` is on Redis's clock. */
interface SignalResult {
  readonly outcome: SignalOutcome;
  readonly durationMs: number;
  readonly isUnsent: boolean;
  readonly endedAt: number;
}

/** WithSpan has the span of what is done, where there is one. */
interface WithSpan {
  readonly span: AttemptSpan | undefined;
}

async function sendSignal(
  attempt: ClaimedAttempt,
  { send, params, span }: SignalInput & WithSpan,
  claimedAt: number,
): Promise<SignalResult> {
  // Redis may have run the claim before its answer came, so the attempt's time counts from when the claim was sent.
  const timeLimitMs = attempt.until - attempt.startedAt - (performance.now() - claimedAt);
  const sentAt = performance.now();
  const isUnsent = timeLimitMs <= 0;
  const outcome = isUnsent ? TOO_LATE : await send(attempt.contactId, params, signalLimitsOf(timeLimitMs, span));
  const now = performance.now();
  // Redis's clock, carried on by this process's monotonic one: a wall clock that jumps changes nothing.
  const endedAt = attempt.startedAt + (now - claimedAt);
  return { outcome, durationMs: Math.round(now - sentAt), isUnsent, endedAt };
}

function signalLimitsOf(timeLimitMs: number, span: AttemptSpan | undefined): SignalLimits {
  return { timeLimitMs, ...(span === undefined ? {} : { onRequest: span.request }) };
}

type Sent = Omit<SignalResult, "endedAt"> & { readonly attempt: ClaimedAttempt; readonly connector: Connector };

/** settleAttempt decides what follows, writes it down and reports it; gives whether CXone accepted the signal. */
async function settleAttempt(
  { handoffs, destinations, random, report }: Deps,
  { endedAt, span, ...sent }: Sent & WithSpan & Pick<SignalResult, "endedAt">,
): Promise<boolean> {
  const { outcome, attempt, connector } = sent;
  const settlement = decideSettlement(outcome, connector.delivery, attempt, { now: endedAt, random: random() });
  if (settlement.kind === "retry" && settlement.waitingFor === "token") destinations.invalidate(connector.id);
  const settled: AttemptResult = { ...sent, settlement };
  const after = await retryUntilRedisAnswers(() => handoffs.settle(settled));
  span?.end(spanEndOf(outcome, after));
  report.attempted(settled, after);
  return outcome.kind === "accepted";
}

function spanEndOf({ kind }: SignalOutcome, after: SettleResult): Parameters<AttemptSpan["end"]>[0] {
  const status = after.kind === "settled" ? after.status : after.kind;
  return {
    isCounted: after.kind === "settled",
    attributes: { "baton.attempt.outcome": kind, "baton.handoff.status": status },
    error: kind === "accepted" ? undefined : kind,
  };
}

/**
 * The event loop was blocked, or Redis was slow: the attempt's time is over before its request left, which says nothing
 * of CXone.
 */
const TOO_LATE: SignalOutcome = {
  kind: "unreachable",
  detail: "not sent: the attempt's time was over before its request could leave",
};
