/**
 * Delivering one handoff: replicate, prepare, signal, settle. Its attempt was put on record by the claim, before
 * anything leaves.
 */
import { type Connector, type Params, type SignalOutcome, settle } from "@baton/domain";
import type { Abandonment, AttemptResult, ClaimedAttempt, SettleResult } from "@baton/handoffs/deliveries";
import { isUnavailable } from "@baton/redis/connection";
import type { Destination, Ready } from "./destinations.ts";
import { retryUntilAvailable } from "./retry-until-available.ts";

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
  /** Resolves once an attempt on record is as safe as `BATON_DURABILITY` asks; throws when it is not in time. */
  readonly replicated: (attempt: ClaimedAttempt) => Promise<void>;
  readonly destinations: {
    find(connectorId: string): Promise<Destination | undefined>;
    forget(connectorId: string): void;
  };
  readonly random: () => number;
  readonly report: DeliveryReport;
}

/** DeliveryReport hears of everything worth a metric or a line in the log. */
export interface DeliveryReport {
  attempted(settled: AttemptResult, after: SettleResult): void;
  /** Nothing was sent, for a reason of this worker's; the handoff goes on. `error` is what a `fault` was. */
  abandoned(attempt: ClaimedAttempt, why: Abandoned, error?: unknown): void;
  /** What became of it could not be written down, and not because Redis is away: a fault of ours. */
  failed(attempt: ClaimedAttempt, error: unknown): void;
}

/**
 * Abandoned is why nothing was sent: no replica knew of the attempt in time, the token was gone, a key is not in the
 * ring, the claim's answer was lost, or a fault of this worker's.
 */
export type Abandoned = "unreplicated" | "token" | "keys" | "unanswered" | "fault";

/**
 * DeliverHandoff gives whether CXone accepted the signal; `askedAt` is when its claim was asked for, on the monotonic
 * clock. Never rejects.
 */
export type DeliverHandoff = (attempt: ClaimedAttempt, askedAt: number) => Promise<boolean>;

/** createDeliverHandoff makes what a worker does with each attempt that it claimed. */
export function createDeliverHandoff(deps: Deps): DeliverHandoff {
  return async (attempt, askedAt) => {
    try {
      return await deliver(deps, attempt, askedAt);
    } catch (error) {
      if (!isUnavailable(error)) deps.report.failed(attempt, error);
      return false;
    }
  };
}

async function deliver(deps: Deps, attempt: ClaimedAttempt, askedAt: number): Promise<boolean> {
  const prepared = await prepare(deps, attempt);
  if ("why" in prepared) return abandon(deps, attempt, prepared);
  return send(deps, { ...prepared, attempt, askedAt });
}

type Unsent = { readonly why: Exclude<Abandoned, "unanswered">; readonly error?: unknown };

/**
 * prepare finds what a signal needs, or why there is none: whatever goes wrong before anything leaves, the attempt is
 * given back.
 */
async function prepare(
  deps: Deps,
  attempt: ClaimedAttempt,
): Promise<Pick<Sending, "connector" | "ready" | "params"> | Unsent> {
  try {
    if (!(await isReplicated(deps, attempt))) return { why: "unreplicated" };
    const way = await findWay(deps, attempt);
    if (way === undefined) return { why: "token" };
    const params = openParams(way.destination, attempt);
    if (params === undefined) return { why: "keys" };
    return { connector: way.destination.connector, ready: way.ready, params };
  } catch (error) {
    return { why: "fault", error };
  }
}

/** findWay: what the claim was told of is in memory, unless it has gone since. */
async function findWay(
  deps: Deps,
  { connectorId }: ClaimedAttempt,
): Promise<{ readonly destination: Destination; readonly ready: Ready } | undefined> {
  try {
    const destination = await deps.destinations.find(connectorId);
    const ready = await destination?.prepare();
    return destination === undefined || ready === undefined ? undefined : { destination, ready };
  } catch (error) {
    if (isUnavailable(error)) return undefined;
    throw error;
  }
}

/** isReplicated: an attempt that a failover forgets would be made again by a worker that knows nothing of it. */
async function isReplicated(deps: Deps, attempt: ClaimedAttempt): Promise<boolean> {
  try {
    await deps.replicated(attempt);
    return true;
  } catch (error) {
    if (isUnavailable(error)) return false;
    throw error;
  }
}

async function abandon(deps: Deps, attempt: ClaimedAttempt, { why, error }: Unsent): Promise<boolean> {
  if (why === "token" || why === "fault") deps.destinations.forget(attempt.connectorId);
  await retryUntilAvailable(() => deps.handoffs.abandon(abandonmentOf(attempt, why)));
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

function openParams(destination: Destination, attempt: ClaimedAttempt): Params | undefined {
  try {
    return destination.openParams(attempt.id, attempt.sealedParams);
  } catch {
    return undefined;
  }
}

interface Sending {
  readonly connector: Connector;
  readonly attempt: ClaimedAttempt;
  /** On this process's monotonic clock, milliseconds. */
  readonly askedAt: number;
  readonly ready: Ready;
  readonly params: Params;
}

async function send(deps: Deps, { connector, attempt, askedAt, ready, params }: Sending): Promise<boolean> {
  // Redis may have run the claim before its answer came, so the attempt's time counts from the asking.
  const timeLimitMs = attempt.until - attempt.startedAt - (performance.now() - askedAt);
  const sentAt = performance.now();
  const isUnsent = timeLimitMs <= 0;
  const outcome = isUnsent ? TOO_LATE : await ready.send(attempt.contactId, params, timeLimitMs);
  const endedAt = performance.now();
  // Redis's clock, carried on by this process's monotonic one: a wall clock that jumps changes nothing.
  const now = attempt.startedAt + (endedAt - askedAt);
  const settlement = settle(outcome, connector.delivery, attempt, { now, chance: deps.random() });
  const durationMs = Math.round(endedAt - sentAt);
  const settled: AttemptResult = { attempt, outcome, durationMs, settlement, connector, isUnsent };
  if (settlement.kind === "retry" && settlement.waitingFor === "token") deps.destinations.forget(connector.id);
  const after = await retryUntilAvailable(() => deps.handoffs.settle(settled));
  deps.report.attempted(settled, after);
  return outcome.kind === "accepted";
}

/**
 * The event loop was blocked, or Redis was slow: the attempt's time is over before its request left, which says nothing
 * of CXone.
 */
const TOO_LATE: SignalOutcome = {
  kind: "unreachable",
  detail: "not sent: the attempt's time was over before its request could leave",
};
