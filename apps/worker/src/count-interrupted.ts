/** Counting: attempts whose workers died, whoever called them interrupted: another worker, a reader, the reconciler. */
import type { InterruptedAttempt } from "@baton/store";

/** LIMIT of one step: as many as one worker can have had in flight, and more. */
const LIMIT = 500;

interface Deps {
  readonly handoffs: { takeInterrupted(tag: string, limit: number): Promise<readonly InterruptedAttempt[]> };
  readonly tags: readonly string[];
  readonly onInterrupted: (attempt: InterruptedAttempt) => void;
}

/** createCountInterrupted makes one round over all shards; of all workers, one is given each attempt. */
export function createCountInterrupted({ handoffs, tags, onInterrupted }: Deps): () => Promise<void> {
  return async () => {
    for (const tag of tags) {
      for (const attempt of await handoffs.takeInterrupted(tag, LIMIT)) onInterrupted(attempt);
    }
  };
}
