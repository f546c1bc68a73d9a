/** Retrying: requested Redis again what may safely be asked twice. */

import { setTimeout as sleep } from "node:timers/promises";
import { isUnavailable } from "@baton/redis/connection";

/** Between two askings. Milliseconds. */
const AGAIN_MS = 200;

/** RetryLimit: how long, in milliseconds, and what ends it before. */
export interface RetryLimit {
  readonly forMs: number;
  readonly closing: AbortSignal;
}

/**
 * retryUntilAvailable asks until Redis answers. Throws what is no outage at once, and the outage itself once `limit` is
 * over; without one it asks for ever: an answer of CXone's is not thrown away because Redis is slow.
 */
export async function retryUntilAvailable<T>(ask: () => Promise<T>, limit?: RetryLimit): Promise<T> {
  const endsAt = performance.now() + (limit?.forMs ?? Number.POSITIVE_INFINITY);
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isUnavailable(error) || limit?.closing.aborted || performance.now() + AGAIN_MS > endsAt) throw error;
      await sleep(AGAIN_MS);
    }
  }
}
