/**
 * BullMQ's marker, which wakes the workers that wait for a job. Jobs are moved, and the marker is set, by our scripts
 * (parts/bullmq-jobs.lua).
 */
import type { RedisConnection } from "@baton/redis/connection";
import { HANDOFFS_QUEUE } from "./handoff-job-counts-and-locks.ts";

/**
 * Redis answers a blocking command some time after its timeout; longer than this, and the connection is dead.
 * Milliseconds.
 */
const GRACE_MS = 2_000;
/** The shortest wait that Redis, which counts in seconds with a fraction, can be asked for. Milliseconds. */
const MIN_TIMEOUT_MS = 2;

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

/** wakeAnotherIdleWorker wakes another worker in the place of one that was woken and has no slot. */
export async function wakeAnotherIdleWorker(redis: RedisConnection, tag: string): Promise<void> {
  await redis.zadd(markerOf(tag), 0, "0");
}

function markerOf(tag: string): string {
  return `${tag}:${HANDOFFS_QUEUE}:marker`;
}
