/** Adding a job later: an accepted handoff whose job Redis did not take gets it as soon as Redis answers. */
import type { StoredHandoff } from "@baton/handoffs/handoff-record";
import { retryUntilRedisAnswers } from "@baton/redis/retry-until-redis-answers";

/** RETRY_ADDING_JOB_MS: a Redis that is away for longer leaves it to the reconciler. Milliseconds. */
const RETRY_ADDING_JOB_MS = 30_000;

interface Deps {
  readonly handoffs: { place(id: string): Promise<void> };
  /** Aborts when the process closes: then nothing is tried again. */
  readonly closing: AbortSignal;
  /** Called where it still has no job: the reconciler places it. */
  readonly onFailed: (stored: StoredHandoff, error: unknown) => void;
}

/** RetryAddingJob places it in its own time, and never throws. */
export type RetryAddingJob = (stored: StoredHandoff) => void;

/**
 * createRetryAddingJob: the reconciler looks at what is overdue by seconds, which is too late for a caller who is on
 * the line.
 */
export function createRetryAddingJob({ handoffs, closing, onFailed }: Deps): RetryAddingJob {
  return (stored) => {
    const place = () => handoffs.place(stored.handoff.id);
    retryUntilRedisAnswers(place, { forMs: RETRY_ADDING_JOB_MS, closing }).catch((error: unknown) =>
      onFailed(stored, error),
    );
  };
}
