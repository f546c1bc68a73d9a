/** Latencies as Redis keeps them: a count for each bucket. */

// Upper ends of the buckets, milliseconds: about a factor of 1.6 apart, so that a p99 read from them is off by a
// quarter at most.
const BUCKET_ENDS_MS = [
  5, 8, 13, 20, 32, 50, 80, 130, 200, 320, 500, 800, 1_300, 2_000, 3_200, 5_000, 8_000, 13_000, 30_000, 60_000,
] as const;

/** latencyBucket gives the bucket of a latency in milliseconds; the one past the last takes all that is longer. */
export function latencyBucket(latencyMs: number): number {
  const index = BUCKET_ENDS_MS.findIndex((end) => latencyMs <= end);
  return index < 0 ? BUCKET_ENDS_MS.length : index;
}

/**
 * quantileMs reads a quantile (0 to 1) from counts by bucket: the upper end of the bucket it falls in; undefined where
 * nothing was counted.
 */
export function quantileMs(counts: ReadonlyMap<number, number>, quantile: number): number | undefined {
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  if (total === 0) return undefined;
  let seen = 0;
  for (let bucket = 0; bucket <= BUCKET_ENDS_MS.length; bucket++) {
    seen += counts.get(bucket) ?? 0;
    if (seen >= total * quantile) return BUCKET_ENDS_MS[bucket] ?? BUCKET_ENDS_MS.at(-1);
  }
  return undefined;
}
