/**
 * BullMQ: the queues that every BullMQ tool shows. Jobs are moved by our scripts (parts/jobs.lua); this is the rest of
 * what is BullMQ's.
 */

import type { RedisConnection } from "@baton/redis/connection";
import type { Shards } from "@baton/redis/shards";
import { Queue, Worker } from "bullmq";

/** HANDOFFS holds the right to work on a live handoff, now or at a stated time. */
const HANDOFFS = "handoffs";

/** BullMQ writes an event for every move of its own; nothing depends on them, so few are kept. */
const EVENTS_KEPT = 100;
/** How often BullMQ looks for jobs whose lock ended. Milliseconds. */
const STALLED_CHECK_MS = 1_000;
/**
 * Redis answers a blocking command some time after its timeout; longer than this, and the connection is dead.
 * Milliseconds.
 */
const GRACE_MS = 2_000;
/** Redis's shortest useful wait; it counts in seconds with a fraction. Milliseconds. */
const SHORTEST_MS = 2;

/** JobCounts of one shard. */
export interface JobCounts {
  readonly shard: number;
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
}

export interface BullmqOptions {
  readonly connection: RedisConnection;
  /** Called for what happens beside a call: lost connections mostly. */
  readonly onError: (error: Error) => void;
}

/** JobQueues counts the jobs of every shard. Throws when Redis cannot be reached. */
export class JobQueues {
  readonly #queues: readonly Queue[];

  constructor({ tags }: Pick<Shards, "tags">, { connection, onError }: BullmqOptions) {
    this.#queues = tags.map((prefix) =>
      new Queue(HANDOFFS, {
        prefix,
        connection,
        streams: { events: { maxLen: EVENTS_KEPT } },
        skipVersionCheck: true,
        skipWaitingForReady: true,
      }).on("error", onError),
    );
  }

  /** counts gives the depth of every shard's queue. */
  counts(): Promise<readonly JobCounts[]> {
    return Promise.all(
      this.#queues.map(async (queue, shard) => {
        const { waiting = 0, active = 0, delayed = 0 } = await queue.getJobCounts("waiting", "active", "delayed");
        return { shard, waiting, active, delayed };
      }),
    );
  }

  async close(): Promise<void> {
    await Promise.all(this.#queues.map((queue) => queue.close()));
  }
}

/**
 * StalledCheck gives jobs back whose worker died, from `start` to `close`. It is BullMQ's own; what its worker would
 * take, claim takes.
 */
export class StalledCheck {
  readonly #worker: Worker;
  readonly #onError: (error: Error) => void;

  constructor(tag: string, { connection, onError, onStalled }: BullmqOptions & { readonly onStalled: () => void }) {
    this.#onError = onError;
    this.#worker = new Worker(HANDOFFS, null, {
      autorun: false,
      prefix: tag,
      connection,
      stalledInterval: STALLED_CHECK_MS,
      // A job that stalled often is no reason to give its handoff up: the record decides that.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      skipVersionCheck: true,
    });
    this.#worker.on("error", onError).on("stalled", onStalled);
  }

  start(): void {
    this.#worker.startStalledCheckTimer().catch(this.#onError);
  }

  async close(): Promise<void> {
    await this.#worker.close(true);
  }
}

/**
 * waitForMarker waits until something may be claimed, or `mostMs` are over. The marker is BullMQ's sorted set that
 * wakes blocked workers: member `0` says that jobs wait; `1` when a delayed one is due, `2` when a gate is to be looked
 * at. Gives that moment (epoch milliseconds; 0: at once); undefined where the time was over.
 */
export async function waitForMarker(redis: RedisConnection, tag: string, mostMs: number): Promise<number | undefined> {
  const timeoutMs = Math.max(SHORTEST_MS, mostMs);
  let guard: NodeJS.Timeout | undefined;
  const dead = new Promise<never>((_, reject) => {
    guard = setTimeout(
      () => reject(new Error("Redis did not end a blocking command in its time")),
      timeoutMs + GRACE_MS,
    );
  });
  try {
    const popped = await Promise.race([redis.bzpopmin(markerOf(tag), timeoutMs / 1_000), dead]);
    return popped === null ? undefined : Number(popped[2]);
  } finally {
    clearTimeout(guard);
  }
}

/** passMarkerOn wakes another worker in the place of one that was woken and has no slot. */
export async function passMarkerOn(redis: RedisConnection, tag: string): Promise<void> {
  await redis.zadd(markerOf(tag), 0, "0");
}

function markerOf(tag: string): string {
  return `${tag}:${HANDOFFS}:marker`;
}
