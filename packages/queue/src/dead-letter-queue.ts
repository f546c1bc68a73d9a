/** The dead-letter queue: a copy of the dead letters for those who look with BullMQ's own tools. */
import type { DeadReason } from "@baton/domain";
import { fileLetter, runOn } from "./job-scripts.ts";
import { ShardQueues } from "./shard-queues.ts";
import { DEAD_LETTERS, jobIdOf, type QueueOptions, type RunScript, type TaggedJob } from "./topology.ts";

/** DeadLetter tells why a handoff died; never its parameters or context. `diedAt` is epoch milliseconds. */
export interface DeadLetter {
  readonly id: string;
  readonly connectorId: string;
  readonly reason: DeadReason;
  readonly diedAt: number;
}

/** DeadLetterQueue files letters. Every method may run twice with the same result, and throws when Redis cannot be reached. */
export class DeadLetterQueue {
  readonly #run: RunScript;
  readonly #queues: ShardQueues<{ readonly connectorId: string }>;

  constructor(options: QueueOptions) {
    this.#run = options.run ?? runOn(options.connection);
    this.#queues = new ShardQueues(DEAD_LETTERS, options);
  }

  /**
   * file adds a letter: named by its reason, made when the handoff died. It has a priority because removing from a sorted set is cheap, and
   * from a long list is not. Its data says no more than its connector: a value over 64 bytes would make it three times as large in Redis.
   */
  async file({ id, connectorId, reason, diedAt }: DeadLetter, generation: number): Promise<void> {
    const letter = { job: jobIdOf({ id, generation }), name: reason, data: JSON.stringify({ connectorId }), timestamp: diedAt };
    await fileLetter(this.#run, this.#queues.tagOf(id), letter);
  }

  /** remove takes a letter out; one that is not there is fine. */
  async remove(letter: TaggedJob): Promise<void> {
    await this.#queues.of(letter.id).remove(jobIdOf(letter));
  }

  async close(): Promise<void> {
    await this.#queues.close();
  }
}
