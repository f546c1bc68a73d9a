/**
 * BullMQ: the queues that every BullMQ tool shows. Jobs are moved by our scripts (parts/jobs.lua); this is what wakes
 * and watches those that take them.
 */

import type { RedisConnection } from "@baton/redis/connection";
import { Worker } from "bullmq";
import { HANDOFFS_QUEUE } from "./handoff-jobs.ts";

/** How often BullMQ looks for jobs whose lock ended. Milliseconds. */
const STALLED_CHECK_MS = 1_000;
/**
 * Redis answers a blocking command some time after its timeout; longer than this, and the connection is dead.
 * Milliseconds.
 */
const GRACE_MS = 2_000;
/** The shortest wait that Redis, which counts in seconds with a fraction, can be asked for. Milliseconds. */
const MIN_TIMEOUT_MS = 2;

export interface BullmqOptions {
  readonly connection: RedisConnection;
  /** Called for what happens beside a call: lost connections mostly. */
  readonly onError: (error: Error) => void;
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
    this.#worker = new Worker(HANDOFFS_QUEUE, null, {
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
 * waitUntilClaimable waits until something may be claimed, or `maxWaitMs` are over. The marker is BullMQ's sorted set
 * that wakes blocked workers: member `0` says that jobs wait; `1` when a delayed one is due, `2` when a gate is due for
 * a check. Gives that moment (epoch milliseconds; 0: at once); undefined where the time was over.
 */
export async function waitUntilClaimable(
  redis: RedisConnection,
  tag: string,
  maxWaitMs: number,
): Promise<number | undefined> {
  const timeoutMs = Math.max(MIN_TIMEOUT_MS, maxWaitMs);
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

/** wakeAnotherWorker wakes another worker in the place of one that was woken and has no slot. */
export async function wakeAnotherWorker(redis: RedisConnection, tag: string): Promise<void> {
  await redis.zadd(markerOf(tag), 0, "0");
}

function markerOf(tag: string): string {
  return `${tag}:${HANDOFFS_QUEUE}:marker`;
}
