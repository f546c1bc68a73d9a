/** One BullMQ queue for each shard, found by the id it is asked for. */
import { shardOf } from "@baton/domain";
import { Queue } from "bullmq";
import { EVENTS_KEPT, type QueueOptions } from "./topology.ts";

/** ShardQueues opens the queue `name` on every shard. */
export class ShardQueues<Data> {
  readonly #tags: readonly string[];
  readonly #queues: readonly Queue<Data>[];

  constructor(name: string, { tags, connection, onError }: QueueOptions) {
    this.#tags = tags;
    this.#queues = tags.map((prefix) => {
      const queue = new Queue<Data>(name, {
        prefix,
        connection,
        streams: { events: { maxLen: EVENTS_KEPT } },
        skipVersionCheck: true,
        skipWaitingForReady: true,
      });
      return queue.on("error", onError);
    });
  }

  /** of gives the queue that a handoff's jobs lie in. */
  of(handoffId: string): Queue<Data> {
    return mustFind(this.#queues, handoffId);
  }

  /** tagOf gives the tag of the shard that a handoff's jobs lie in. */
  tagOf(handoffId: string): string {
    return mustFind(this.#tags, handoffId);
  }

  /** all gives the queues in the order of their shards. */
  get all(): readonly Queue<Data>[] {
    return this.#queues;
  }

  async close(): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.close()));
  }
}

function mustFind<Each>(all: readonly Each[], handoffId: string): Each {
  const found = all[shardOf("ho", handoffId) ?? -1];
  if (found === undefined) throw new Error(`"${handoffId}" belongs to no shard; BATON_SHARDS may only rise`);
  return found;
}
