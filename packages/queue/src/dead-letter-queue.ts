/** The dead-letter queue: a copy of the dead letters for those who look with BullMQ's own tools. */
import type { DeadReason } from "@baton/domain";
import { ShardQueues } from "./shard-queues.ts";
import { DEAD_LETTERS, jobIdOf, type QueueOptions, type TaggedJob } from "./topology.ts";

/** DeadLetterJobData tells why a handoff died; never its parameters or context. `diedAt` is epoch milliseconds. */
export interface DeadLetterJobData {
  readonly id: string;
  readonly connectorId: string;
  readonly reason: DeadReason;
  readonly cause: string;
  readonly diedAt: number;
}

/** DeadLetterQueue files letters. Every method may run twice with the same result, and throws when Redis cannot be reached. */
export class DeadLetterQueue {
  readonly #queues: ShardQueues<DeadLetterJobData>;

  constructor(options: QueueOptions) {
    this.#queues = new ShardQueues(DEAD_LETTERS, options);
  }

  /** file adds a letter. It has a priority because removing from a sorted set is cheap, and from a long list is not. */
  async file(letter: DeadLetterJobData, generation: number): Promise<void> {
    await this.#queues.of(letter.id).add("dead-letter", letter, { jobId: jobIdOf({ id: letter.id, generation }), priority: 1 });
  }

  /** remove takes a letter out; one that is not there is fine. */
  async remove(letter: TaggedJob): Promise<void> {
    await this.#queues.of(letter.id).remove(jobIdOf(letter));
  }

  async close(): Promise<void> {
    await this.#queues.close();
  }
}
