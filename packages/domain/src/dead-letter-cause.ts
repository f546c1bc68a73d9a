/** Causes: dead letters grouped by what went wrong, and what the operators have made of each. */
import type { DeadReason, WaitingFor } from "./handoff.ts";

/** CauseGroup is one cause, with one connector or with all. Instants are epoch milliseconds. */
export interface CauseGroup {
  readonly cause: string;
  /** Of `other`, the newest dead letter's. */
  readonly reason: DeadReason;
  readonly waitingFor?: WaitingFor;
  readonly httpStatus?: number;
  readonly detail: string;
  readonly count: number;
  /** How many of them died within the last hour. */
  readonly lastHour: number;
  /** How many of them died in each ten minutes of the last hour, the oldest first. */
  readonly perTenMinutes: readonly number[];
  /** Since when there are dead letters of it without a break, with any connector. */
  readonly beganAt: number;
  readonly firstAt: number;
  readonly lastAt: number;
  readonly sampleId: string;
  /** The latest first; of some where there are many. */
  readonly connectors: readonly string[];
  readonly connectorsTotal: number;
}

/**
 * CAUSE_STATES: `open`: not looked at yet; `acknowledged`: an operator works on it; `ignored`: known, and needs
 * nothing.
 */
export const CAUSE_STATES = ["open", "acknowledged", "ignored"] as const;
export type CauseState = (typeof CAUSE_STATES)[number];

/**
 * causeStateUnlessReopened gives what is left of what was said at `saidAt` of a cause whose dead letters there are
 * since `beganAt`: a cause that was empty and has dead letters again is open again. Instants are epoch milliseconds.
 */
export function causeStateUnlessReopened(said: CauseState, saidAt: number, beganAt: number): CauseState {
  return beganAt > saidAt ? "open" : said;
}
