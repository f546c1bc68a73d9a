/** How long things around one attempt may take. */

/** FENCE_MS is how long after an attempt's latest end another worker calls it interrupted: time for a late settle to arrive. */
export const FENCE_MS = 2_000;

/** RENEWAL_INTERVAL_MS: a connector's token is renewed by force, and its address discovered anew, at most once in this time. */
export const RENEWAL_INTERVAL_MS = 30_000;
