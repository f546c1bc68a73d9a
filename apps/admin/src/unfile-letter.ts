/** Taking a letter's job out of the dead-letter queue. */
import type { TaggedJob } from "@baton/queue";

interface Deps {
  readonly queue: { remove(letter: TaggedJob): Promise<void> };
  readonly upkeep: { filed(letter: TaggedJob, there: boolean): Promise<boolean> };
}

/** createUnfileLetter strikes the reconciler's note out last: should this fail half way, the note is still there. */
export function createUnfileLetter({ queue, upkeep }: Deps): (letter: TaggedJob) => Promise<void> {
  return async (letter) => {
    await queue.remove(letter);
    await upkeep.filed(letter, false);
  };
}
