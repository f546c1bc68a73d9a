/** The breaker: when it opens, one breaker per connector over all workers. */
import type { SignalOutcome } from "./attempt-settlement.ts";

export const BREAKER_STATES = ["closed", "open", "probing"] as const;
/** BreakerState: `closed` sends, `open` does not, `probing` sends one to see. */
export type BreakerState = (typeof BREAKER_STATES)[number];

/** BREAKER is when it opens, and for how long. */
export const BREAKER = {
  /** Fewer requests than this say nothing. */
  minRequests: 20,
  /** Share of failing requests at which it opens. */
  failureRatio: 0.8,
  /** Requests older than this are forgotten, milliseconds. */
  windowMs: 10_000,
  /** First time open, milliseconds; doubles with every failed probe. */
  openMs: 1_000,
  /** Longest time open, milliseconds. */
  maxOpenMs: 15_000,
} as const;

/** countsAgainstBreaker says which outcomes show that CXone is in trouble, not one bad handoff. */
export function countsAgainstBreaker(kind: SignalOutcome["kind"]): boolean {
  switch (kind) {
    case "unavailable":
    case "unreachable":
    case "ambiguous":
      return true;
    case "accepted":
    case "rejected":
    case "unauthorized":
    case "throttled":
    case "redirected":
      return false;
  }
}
