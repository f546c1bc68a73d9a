/** Insisting: asking Redis again what may safely be asked twice. */

import { setTimeout as sleep } from "node:timers/promises";
import { isUnavailable } from "@baton/store";

/** Between two askings. Milliseconds. */
const AGAIN_MS = 200;

/** Insistence: how long, in milliseconds, and what ends it before. */
export interface Insistence {
  readonly forMs: number;
  readonly closing: AbortSignal;
}

/**
 * insist asks until Redis answers. Throws what is no outage at once, and the outage itself once `within` is over;
 * without one it asks for ever: an answer of CXone's is not thrown away because Redis is slow.
 */
export async function insist<T>(ask: () => Promise<T>, within?: Insistence): Promise<T> {
  const endsAt = performance.now() + (within?.forMs ?? Number.POSITIVE_INFINITY);
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isUnavailable(error) || within?.closing.aborted || performance.now() + AGAIN_MS > endsAt) throw error;
      await sleep(AGAIN_MS);
    }
  }
}
