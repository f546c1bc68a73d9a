/**
 * The BullMQ jobs of handoffs, as far as they are counted and kept without a script (parts/bullmq-jobs.lua has the
 * rest).
 */
import type { RedisConnection } from "@baton/redis/connection";

/** HANDOFFS_QUEUE is the queue that holds the right to work on a live handoff, now or at a stated time. */
export const HANDOFFS_QUEUE = "handoffs";

/** JobCounts of one shard. */
export interface JobCounts {
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
}

/** countHandoffJobs costs the same however many there are. */
export async function countHandoffJobs(redis: RedisConnection, tag: string): Promise<JobCounts> {
  const queue = `${tag}:${HANDOFFS_QUEUE}`;
  const [waiting, active, delayed] = await Promise.all([
    redis.llen(`${queue}:wait`),
    redis.llen(`${queue}:active`),
    redis.zcard(`${queue}:delayed`),
  ]);
  return { waiting, active, delayed };
}

/**
 * extendJobLocks keeps the locks of these jobs for another `lockMs`, and makes none anew. Like BullMQ's own extension
 * it writes nothing new, so that it also runs on a Redis that is full.
 */
export async function extendJobLocks(
  redis: RedisConnection,
  tag: string,
  { jobs, lockMs }: { readonly jobs: readonly string[]; readonly lockMs: number },
): Promise<void> {
  await Promise.all(jobs.map((job) => redis.pexpire(`${tag}:${HANDOFFS_QUEUE}:${job}:lock`, lockMs)));
}
