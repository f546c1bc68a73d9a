/** Plans and runs: many dead letters replayed or discarded by one decision. */
import type { DeadReason, Handoff } from "./handoff.ts";

export const RUN_KINDS = ["replay", "discard"] as const;
export type RunKind = (typeof RUN_KINDS)[number];

export const RUN_STATUSES = ["running", "paused", "completed", "cancelled"] as const;
/** RunStatus: `completed` means that every item ended; `cancelled` that no further one is taken. */
export type RunStatus = (typeof RUN_STATUSES)[number];

export const PAUSE_CAUSES = ["operator", "first", "dying"] as const;
/** PauseCause is what paused a run: an operator, `first` items that have ended, or too many that died again. */
export type PauseCause = (typeof PAUSE_CAUSES)[number];

export const RUN_OBSTACLES = ["no-worker", "everything-paused", "connectors-paused"] as const;
/** RunObstacle is why a running run does not go on: no worker runs, or all that it could send to is paused. */
export type RunObstacle = (typeof RUN_OBSTACLES)[number];

export const SKIP_REASONS = [
  "gone",
  "replayed",
  "discarded",
  "changed",
  "may-have-arrived",
  "contact-ended",
  "connector-deleted",
  "cancelled",
  "run-cancelled",
  "other-version",
  "failed",
] as const;
/** SkipReason is why a run left an item alone. */
export type SkipReason = (typeof SKIP_REASONS)[number];

export const ITEM_RESULTS = ["waiting", "replayed", "delivered", "died-again", "discarded", "skipped"] as const;
/** ItemResult is where an item of a run stands: `replayed` is queued again and has not ended. */
export type ItemResult = (typeof ITEM_RESULTS)[number];

/** PLAN_KEPT_MS is how long a plan may be started. Milliseconds. (contract: 15 minutes) */
export const PLAN_KEPT_MS = 15 * 60_000;
/** MAX_PLAN_ITEMS is how many dead letters one plan may match. (contract) */
export const MAX_PLAN_ITEMS = 1_000_000;
/** SAMPLE_SIZE is how many dead letters a plan shows. (contract) */
export const SAMPLE_SIZE = 5;
/** DEFAULT_RUN_RATE and MAX_RUN_RATE are items a second. (contract) */
export const DEFAULT_RUN_RATE = 20;
export const MAX_RUN_RATE = 5_000;
/** DEFAULT_STOP_WHEN_DYING is the part of the last DYING_WINDOW that may not die again. (contract) */
export const DEFAULT_STOP_WHEN_DYING = 0.5;
export const DYING_WINDOW = 50;
/** PLAN_AGES are the ages that a plan counts dead letters by: a call's is of no use after minutes. Milliseconds. */
export const PLAN_AGES = [60_000, 300_000, 900_000, 3_600_000, 86_400_000] as const;

/** RunFilter: all that is given must fit; died at `from` or later and before `to`, epoch milliseconds. */
export interface RunFilter {
  readonly connectorId?: string;
  readonly reason?: readonly DeadReason[];
  readonly cause?: string;
  readonly contactId?: string;
  readonly from?: number;
  readonly to?: number;
}

/** RunScope is what a plan is made of, and what a run takes over from it. */
export interface RunScope {
  readonly filter: RunFilter;
  /** Takes also what may have arrived. */
  readonly includeUnknown: boolean;
  /** Asks CXone first, and leaves those whose contact has ended. */
  readonly skipEndedContacts: boolean;
}

/** PlanCounts is what a plan found: `byReason` and `byConnector` count what matches. */
export interface PlanCounts {
  readonly matched: number;
  /** Matched, without those that are left because they may have arrived. */
  readonly taken: number;
  readonly mayHaveArrived: number;
  /** Of a replay: those that would be taken, but that their connector has been deleted; absent where there are none. */
  readonly connectorDeleted?: number;
  readonly byReason: Readonly<Partial<Record<DeadReason, number>>>;
  readonly byConnector: Readonly<Record<string, number>>;
  /** For each of PLAN_AGES, how many died longer ago. */
  readonly olderThan: readonly { readonly ms: number; readonly count: number }[];
}

/** Plan is what a run would take. Instants are epoch milliseconds. */
export interface Plan extends PlanCounts, RunScope {
  readonly planId: string;
  readonly kind: RunKind;
  readonly asOf: number;
  readonly expiresAt: number;
  readonly estimateMs: number;
  /** The oldest that it would take. */
  readonly sample: readonly Handoff[];
}

/** RunOptions are how a run goes about it. */
export interface RunOptions {
  readonly ratePerSecond: number;
  readonly note: string;
  /** Pauses once so many have ended. */
  readonly first?: number;
  /** 0: never. */
  readonly stopWhenDying: number;
  /** Absent: each gets as long as the first time. */
  readonly deadlineMs?: number;
}

/** RunCounts: matched = waiting + replayed + discarded + skipped; replayed = outstanding + delivered + died again. */
export interface RunCounts {
  readonly replayed: number;
  readonly discarded: number;
  readonly skipped: number;
  readonly skippedBecause: Readonly<Partial<Record<SkipReason, number>>>;
  /** Queued again and not ended yet. */
  readonly outstanding: number;
  readonly delivered: number;
  readonly diedAgain: number;
}

/**
 * RunDecision is what an operator decided: it does not change but for status and rate. Instants are epoch milliseconds.
 */
export interface RunDecision extends RunScope, RunOptions {
  readonly id: string;
  readonly kind: RunKind;
  readonly status: RunStatus;
  readonly pausedBecause?: PauseCause;
  readonly matched: number;
  /** The name of the admin key. */
  readonly createdBy: string;
  readonly createdAt: number;
  readonly endedAt?: number;
  /** Of the request that started it. */
  readonly traceparent?: string;
}

/** Run is a decision and how far it came; `waitingBecause` is why it does not go on now, where that is known. */
export interface Run extends RunDecision, RunCounts {
  readonly waitingBecause?: RunObstacle;
}

/** RunItem is one dead letter of a run; `at` is when its result was written, epoch milliseconds. */
export interface RunItem {
  readonly handoffId: string;
  readonly result: ItemResult;
  readonly because?: SkipReason;
  readonly at: number;
}

/**
 * estimateRunMs is how long `taken` items take at a run's rate and at those of their connectors, whichever is slowest.
 * `byConnector` counts all that match, so the estimate errs to the long side; milliseconds.
 */
export function estimateRunMs(
  { taken, byConnector }: Pick<PlanCounts, "taken" | "byConnector">,
  ratePerSecond: number,
  connectorRates: ReadonlyMap<string, number>,
): number {
  const seconds = [...connectorRates].map(([id, rate]) => Math.min(taken, byConnector[id] ?? 0) / rate);
  return Math.ceil(1_000 * Math.max(taken / ratePerSecond, ...seconds));
}

/**
 * haveTooManyDiedAgain says whether so large a part of the last DYING_WINDOW ended ones died again; fewer say nothing.
 */
export function haveTooManyDiedAgain(lastDied: readonly boolean[], stopWhenDying: number): boolean {
  if (stopWhenDying === 0 || lastDied.length < DYING_WINDOW) return false;
  return lastDied.filter(Boolean).length >= stopWhenDying * lastDied.length;
}
