/** Adding a job later: an accepted handoff whose job Redis did not take gets it as soon as Redis answers. */
import type { StoredHandoff } from "@baton/handoffs/handoff-record";
import { retryUntilRedisAnswers } from "@baton/redis/retry-until-redis-answers";

/** ADD_JOB_RETRIES_MS: a Redis that is away for longer leaves it to the reconciler. Milliseconds. */
const ADD_JOB_RETRIES_MS = 30_000;

interface Deps {
  readonly handoffs: { place(id: string): Promise<void> };
  /** Aborts when the process closes: then nothing is tried again. */
  readonly closing: AbortSignal;
  /** Called where it still has no job: the reconciler places it. */
  readonly onFailed: (stored: StoredHandoff, error: unknown) => void;
}

/** AddJobWithRetries places it in its own time, and never throws. */
export type AddJobWithRetries = (stored: StoredHandoff) => void;

/**
 * createAddJobWithRetries: the reconciler looks at what is overdue by seconds, which is too late for a caller on the
 * line.
 */
export function createAddJobWithRetries({ handoffs, closing, onFailed }: Deps): AddJobWithRetries {
  return (stored) => {
    const place = () => handoffs.place(stored.handoff.id);
    retryUntilRedisAnswers(place, { forMs: ADD_JOB_RETRIES_MS, closing }).catch((error: unknown) =>
      onFailed(stored, error),
    );
  };
}
