/** The breaker's numbers, one breaker per connector over all workers. */

/** BreakerState: `closed` sends, `open` does not, `probing` sends one to see. */
export type BreakerState = "closed" | "open" | "probing";

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
