/** The consumer's side: taking jobs from every shard, and giving them back to their time. */
import { type JobVerdict, ShardConsumer, type TakenJob } from "./shard-consumer.ts";
import { Slots } from "./slots.ts";
import type { QueueConnection } from "./topology.ts";

export type { JobVerdict, TakenJob } from "./shard-consumer.ts";

export interface ConsumerOptions {
  readonly tags: readonly string[];
  /** Opens a connection fit for blocking; two for each shard. */
  readonly openConnection: () => QueueConnection;
  /** Jobs in flight over all shards; every shard may have an equal part of it, where that is less than one they take turns. */
  readonly concurrency: number;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
  /** Asked before each taking: a worker whose clock is off takes nothing. */
  readonly mayTake: () => boolean;
  readonly handle: (job: TakenJob) => Promise<JobVerdict>;
  readonly onError: (error: unknown) => void;
  /** A job whose worker died was found; BullMQ gives it to the next one. */
  readonly onStalled: () => void;
}

/** HandoffConsumer takes jobs from `start` to `close`. */
export class HandoffConsumer {
  readonly #shards: readonly ShardConsumer[];
  readonly #slots: Slots;

  constructor({ tags, concurrency, ...options }: ConsumerOptions) {
    const each = Math.max(1, Math.floor(concurrency / tags.length));
    this.#slots = new Slots(concurrency);
    this.#shards = tags.map((tag) => new ShardConsumer({ ...options, tag, slots: this.#slots, concurrency: each }));
  }

  /** start begins to take jobs. */
  start(): void {
    for (const shard of this.#shards) shard.start();
  }

  /** close takes no more jobs, waits for those in hand, and closes its connections. */
  async close(): Promise<void> {
    const closed = this.#shards.map((shard) => shard.close());
    this.#slots.wake();
    await Promise.all(closed);
  }
}
