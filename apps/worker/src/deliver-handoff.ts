/** Delivering one handoff: prepare, begin, signal, settle. The attempt is on record before the request leaves. */
import { type Connector, type Correlation, type DeliveryPolicy, type Params, type SignalOutcome, settle } from "@baton/domain";
import type { JobVerdict, TakenJob } from "@baton/queue";
import {
  type BeginOptions,
  type Begun,
  type BegunAttempt,
  type HandedBack,
  isUnavailable,
  type Settled,
  type SettledAttempt,
  type StoredHandoff,
  type Unable,
} from "@baton/store";
import { insist } from "./insist.ts";
import type { DeadHandoff } from "./letters.ts";

/** A handoff written by a newer Baton is left to a newer worker for so long at a time. Milliseconds. */
const NEWER_MS = 10_000;
/** A handoff whose attempt no replica knew of in time is tried again after so long: a failover, or a replica's way back, takes seconds. Milliseconds. */
const UNREPLICATED_MS = 1_000;

/** Readiness is the way to CXone: `unable` says why nothing can be sent now; `send` never throws for what CXone does. */
export type Readiness =
  | { readonly unable: Unable }
  | { readonly send: (contactId: string, params: Params, timeLimitMs: number) => Promise<SignalOutcome> };

/** Route is a connector as this worker uses it. */
export interface Route {
  readonly connector: Connector;
  /** What a signal needs before it may begin; bounded in time. */
  prepare(): Promise<Readiness>;
  /** Opens what `accept` sealed. */
  openParams(handoffId: string, sealed: string): Params;
}

/** Slot is a share of this worker that one attempt holds. */
export interface Slot {
  release(): void;
}

interface Deps {
  readonly handoffs: {
    begin(job: TakenJob, options: BeginOptions): Promise<Begun>;
    settle(settled: SettledAttempt): Promise<Settled>;
    handBack(attempt: BegunAttempt, waitMs: number): Promise<HandedBack>;
  };
  /** Resolves once an attempt on record is as safe as `BATON_DURABILITY` asks; throws when it is not in time. */
  readonly replicated: (attempt: BegunAttempt) => Promise<void>;
  readonly routes: { find(connectorId: string): Promise<Route | undefined> };
  /** Gives a slot, or when the next one is expected free (epoch milliseconds on Redis's clock). */
  readonly share: { take(connectorId: string): Slot | { readonly nextFreeAt: number } };
  readonly letters: { file(dead: DeadHandoff): Promise<void>; fileIfDead(stored: StoredHandoff): Promise<void> };
  readonly wake: (jobId: string) => void;
  readonly stopped: () => boolean;
  readonly createNonce: () => string;
  readonly chance: () => number;
  readonly report: DeliveryReport;
  readonly closing: AbortSignal;
}

/** DeliveryReport hears of everything worth a metric or a line in the log. */
export interface DeliveryReport {
  attempted(settled: SettledAttempt, after: Settled): void;
  newer(job: TakenJob): void;
  /** No replica knew of the attempt in time, so nothing was sent. */
  handedBack(job: TakenJob, correlation?: Correlation): void;
  /** Handling failed, and not because Redis is away: a fault of ours, or a key that is not in the ring. */
  failed(job: TakenJob, error: unknown): void;
}

/** NO_POLICY is for a handoff that is only to be ended. */
const NO_POLICY: DeliveryPolicy = {
  guarantee: "at-least-once",
  deadlineMs: 0,
  maxAttempts: 1,
  attemptTimeoutMs: 0,
  backoff: { baseMs: 0, capMs: 0 },
  rate: null,
  maxParamBytes: 0,
};
const DONE: JobVerdict = { kind: "done" };
const HANDED_BACK: JobVerdict = { kind: "later", delayMs: 0 };

/** createDeliverHandoff makes what a worker does with each job it takes. What it throws brings the job back later. */
export function createDeliverHandoff(deps: Deps): (job: TakenJob) => Promise<JobVerdict> {
  return async (job) => {
    // Nothing was begun, so handing the job back costs no attempt.
    if (deps.closing.aborted) return HANDED_BACK;
    try {
      return await takeSlot(deps, job);
    } catch (error) {
      if (!isUnavailable(error)) deps.report.failed(job, error);
      throw error;
    }
  };
}

async function takeSlot(deps: Deps, job: TakenJob): Promise<JobVerdict> {
  const route = await deps.routes.find(job.connectorId);
  if (route === undefined) return endOrphan(deps, job);
  const slot = deps.share.take(job.connectorId);
  try {
    return await deliver(deps, job, { route, slot });
  } finally {
    if ("release" in slot) slot.release();
  }
}

interface Way {
  readonly route: Route;
  readonly slot: Slot | { readonly nextFreeAt: number };
}

async function deliver(deps: Deps, job: TakenJob, { route, slot }: Way): Promise<JobVerdict> {
  const readiness = "release" in slot ? await route.prepare() : { unable: { kind: "share", at: slot.nextFreeAt } as const };
  const unable = "unable" in readiness ? readiness.unable : undefined;
  const nonce = deps.createNonce();
  const options: BeginOptions = {
    connector: route.connector,
    stopped: deps.stopped(),
    nonce,
    chance: deps.chance(),
    ...(unable === undefined ? {} : { unable }),
  };
  // Redis may have run a begin whose answer was lost, so the attempt's time counts from the first asking.
  const askedAt = performance.now();
  const begun = await insist(() => deps.handoffs.begin(job, options), {
    forMs: route.connector.delivery.attemptTimeoutMs,
    closing: deps.closing,
  });
  if (begun.kind !== "sending") return leaveBe(deps, job, begun);
  if ("unable" in readiness) throw new Error(`${job.id} was begun though nothing could be sent`);
  if (!(await isReplicated(deps, begun.attempt))) return handBack(deps, job, begun.attempt);
  return send(deps, { route, attempt: begun.attempt, askedAt, send: readiness.send });
}

/** leaveBe gives the verb for a job of which nothing is to be sent now. */
async function leaveBe(deps: Deps, job: TakenJob, begun: Exclude<Begun, { kind: "sending" }>): Promise<JobVerdict> {
  switch (begun.kind) {
    case "drop":
      return DONE;
    case "newer":
      deps.report.newer(job);
      return { kind: "later", delayMs: NEWER_MS };
    case "wait":
      return { kind: "later", delayMs: begun.waitMs };
    case "ended":
      if (begun.wake !== undefined) deps.wake(begun.wake);
      await deps.letters.fileIfDead(begun.stored);
      return DONE;
  }
}

/** endOrphan ends a handoff whose connector is no more: nobody has keys to send it with, nor a policy that it could wait by. */
async function endOrphan(deps: Deps, job: TakenJob): Promise<JobVerdict> {
  const begun = await deps.handoffs.begin(job, {
    connector: { id: job.connectorId, paused: false, delivery: NO_POLICY },
    stopped: false,
    nonce: deps.createNonce(),
    chance: deps.chance(),
    unable: { kind: "refused", reason: "configuration", detail: "its connector has been deleted" },
  });
  if (begun.kind === "sending") throw new Error(`${job.id} was begun though its connector is no more`);
  return leaveBe(deps, job, begun);
}

/** isReplicated: an attempt that a failover forgets would be made again by a worker that knows nothing of it. */
async function isReplicated(deps: Deps, attempt: BegunAttempt): Promise<boolean> {
  try {
    await deps.replicated(attempt);
    return true;
  } catch (error) {
    if (isUnavailable(error)) return false;
    throw error;
  }
}

async function handBack(deps: Deps, job: TakenJob, attempt: BegunAttempt): Promise<JobVerdict> {
  const back = await insist(() => deps.handoffs.handBack(attempt, UNREPLICATED_MS));
  deps.report.handedBack(job, attempt.correlation);
  // Where another master took over, it knows what is to be done with the handoff: whoever takes it asks there.
  return { kind: "later", delayMs: back.kind === "queued" ? back.delayMs : UNREPLICATED_MS };
}

interface Sending {
  readonly route: Route;
  readonly attempt: BegunAttempt;
  /** On this process's monotonic clock, milliseconds. */
  readonly askedAt: number;
  readonly send: (contactId: string, params: Params, timeLimitMs: number) => Promise<SignalOutcome>;
}

async function send(deps: Deps, { route, attempt, askedAt, send }: Sending): Promise<JobVerdict> {
  const { connector } = route;
  const timeLimitMs = attempt.until - attempt.startedAt - (performance.now() - askedAt);
  const sentAt = performance.now();
  const ready = timeLimitMs > 0 ? openParams(route, attempt) : TOO_LATE;
  const outcome = "unsent" in ready ? ready.unsent : await send(attempt.contactId, ready.params, timeLimitMs);
  const endedAt = performance.now();
  // Redis's clock, carried on by this process's monotonic one: a wall clock that jumps changes nothing.
  const now = attempt.startedAt + (endedAt - askedAt);
  const settlement = settle(outcome, connector.delivery, attempt, { now, chance: deps.chance() });
  const settled: SettledAttempt = {
    attempt,
    outcome,
    durationMs: Math.round(endedAt - sentAt),
    settlement,
    connector,
    unsent: "unsent" in ready,
  };
  const after = await insist(() => deps.handoffs.settle(settled));
  deps.report.attempted(settled, after);
  return follow(deps, settled, after);
}

/** Ready is what a request is made of, or why none leaves: for a reason of ours, which says nothing of CXone. */
type Ready = { readonly params: Params } | { readonly unsent: SignalOutcome };

/** The event loop was blocked, or Redis was slow: the attempt's time is over before its request left. */
const TOO_LATE: Ready = unsent("the attempt's time was over before its request could leave");
const NOT_OPENED: Ready = unsent("its parameters cannot be opened; is the key that sealed them in the key ring?");

function openParams(route: Route, attempt: BegunAttempt): Ready {
  try {
    return { params: route.openParams(attempt.id, attempt.params) };
  } catch {
    return NOT_OPENED;
  }
}

function unsent(why: string): Ready {
  return { unsent: { kind: "unreachable", detail: `not sent: ${why}` } };
}

/** follow gives the BullMQ verb that belongs to what the record says now. */
async function follow(deps: Deps, { attempt, connector }: SettledAttempt, after: Settled): Promise<JobVerdict> {
  if (after.kind !== "settled") return DONE;
  if (after.wake !== undefined) deps.wake(after.wake);
  if (after.status === "queued") return { kind: "later", delayMs: after.delayMs };
  if (after.status === "dead" && after.reason !== undefined && after.endedAt !== undefined) {
    const { generation, reason, endedAt, cause } = after;
    await deps.letters.file({
      id: attempt.id,
      connectorId: connector.id,
      generation,
      reason,
      diedAt: endedAt,
      cause,
      attempts: attempt.number,
      correlation: attempt.correlation,
    });
  }
  return DONE;
}
