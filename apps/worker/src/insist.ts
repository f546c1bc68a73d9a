/** Insisting: asking Redis again what may safely be asked twice. */

import { setTimeout as sleep } from "node:timers/promises";
import { isUnavailable } from "@baton/store";

/** Between two askings. Milliseconds. */
const AGAIN_MS = 200;

export interface Insistence {
  /** How long, milliseconds; for ever unless said: an answer of CXone's is not thrown away because Redis is slow. */
  readonly forMs?: number;
  readonly closing: AbortSignal;
}

/** insist asks until Redis answers. Throws what is no outage at once, and the outage itself when time or the process ends. */
export async function insist<T>(ask: () => Promise<T>, { forMs = Number.POSITIVE_INFINITY, closing }: Insistence): Promise<T> {
  const endsAt = performance.now() + forMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isUnavailable(error) || closing.aborted || performance.now() + AGAIN_MS > endsAt) throw error;
      await sleep(AGAIN_MS);
    }
  }
}
