/** Placing again: an accepted handoff whose job Redis did not take gets it as soon as Redis answers. */
import type { StoredHandoff } from "@baton/handoffs/record";
import { retryUntilRedisAnswers } from "@baton/redis/retry-until-redis-answers";

/** PLACE_AGAIN_MS: a Redis that is away for longer leaves it to the reconciler. Milliseconds. */
const PLACE_AGAIN_MS = 30_000;

interface Deps {
  readonly handoffs: { place(id: string): Promise<void> };
  /** Aborts when the process closes: then nothing is tried again. */
  readonly closing: AbortSignal;
  /** Called where it still has no job: the reconciler places it. */
  readonly onFailed: (stored: StoredHandoff, error: unknown) => void;
}

/** PlaceAgain places it in its own time, and never throws. */
export type PlaceAgain = (stored: StoredHandoff) => void;

/**
 * createPlaceAgain: the reconciler looks at what is overdue by seconds, which is too late for a caller who is on the
 * line.
 */
export function createPlaceAgain({ handoffs, closing, onFailed }: Deps): PlaceAgain {
  return (stored) => {
    const place = () => handoffs.place(stored.handoff.id);
    retryUntilRedisAnswers(place, { forMs: PLACE_AGAIN_MS, closing }).catch((error: unknown) =>
      onFailed(stored, error),
    );
  };
}
