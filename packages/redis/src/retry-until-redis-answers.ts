/** Retrying what may safely run twice, for as long as Redis is unavailable. */
import { setTimeout as sleep } from "node:timers/promises";
import { isRedisUnavailable } from "./connection.ts";

/** Between two tries. Milliseconds. */
const AGAIN_MS = 200;

/** A failover of Redis may take so long; one that is away for longer ends what waits for it. Milliseconds. */
const FAILOVER_MS = 10_000;

/** RetryLimit: how long, in milliseconds, and what ends it before. */
interface RetryLimit {
  readonly forMs: number;
  readonly closing?: AbortSignal;
}

/**
 * retryUntilRedisAnswers calls `ask` until Redis answers. Throws what is no outage at once, and the outage itself once
 * `limit` is over; without one it retries for ever: an answer of CXone's is not thrown away because Redis is slow.
 */
export async function retryUntilRedisAnswers<T>(ask: () => Promise<T>, limit?: RetryLimit): Promise<T> {
  const endsAt = performance.now() + (limit?.forMs ?? Number.POSITIVE_INFINITY);
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isRedisUnavailable(error) || limit?.closing?.aborted || performance.now() + AGAIN_MS > endsAt) throw error;
      await sleep(AGAIN_MS);
    }
  }
}

/** retryThroughFailover retries for as long as a failover may take, and throws then what the last try threw. */
export function retryThroughFailover<T>(ask: () => Promise<T>): Promise<T> {
  return retryUntilRedisAnswers(ask, { forMs: FAILOVER_MS });
}
