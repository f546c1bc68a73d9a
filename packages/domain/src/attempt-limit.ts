/** How long things around one attempt may take. */

/**
 * FENCE_MS is how long after an attempt's latest end another worker calls it interrupted: time for a late settle to
 * arrive.
 */
export const FENCE_MS = 2_000;
