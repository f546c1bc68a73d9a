/** Redis as commands use it that speak to it themselves: asked until it answers. */
import { retryUntilAvailable } from "@baton/worker";

/** RETRY_FOR_MS: a failover may take so long; a Redis that is away for longer ends the run. */
const RETRY_FOR_MS = 10_000;

/** untilAvailable throws what the last try threw, where Redis stays away. */
export function untilAvailable<T>(ask: () => Promise<T>): Promise<T> {
  return retryUntilAvailable(ask, { forMs: RETRY_FOR_MS, closing: new AbortController().signal });
}
