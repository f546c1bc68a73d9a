/** One shard of a real Redis for a test: our producer and consumers, and BullMQ's own beside them. */
import { randomBytes } from "node:crypto";
import { createId, ID_RANDOM_BYTES } from "@baton/domain";
import { type Job, Queue, Worker } from "bullmq";
import { Redis } from "ioredis";
import { expect, inject, onTestFinished } from "vitest";
import type { ConsumerOptions } from "../src/handoff-consumer.ts";
import { HandoffConsumer } from "../src/handoff-consumer.ts";
import { HandoffQueue } from "../src/handoff-queue.ts";
import { takeJobs } from "../src/job-scripts.ts";
import { HANDOFFS, type TaggedJob } from "../src/topology.ts";

/** A connector's id: the queue only hands it on. */
export const CONNECTOR = `cn_${"0".repeat(24)}`;

/** newId makes a handoff's id. */
export function newId(shard = 0): string {
  return createId("ho", shard, Date.now(), randomBytes(ID_RANDOM_BYTES));
}

/** connect opens a connection that is closed when the test is finished. */
export function connect(): Redis {
  const redis = new Redis(inject("redisUrl"), { maxRetriesPerRequest: null });
  redis.on("error", () => undefined);
  onTestFinished(() => redis.disconnect());
  return redis;
}

/** setup gives a fresh shard. */
export function setup() {
  const redis = connect();
  const tag = `{t${randomBytes(6).toString("hex")}:0}`;
  const queue = new HandoffQueue({ tags: [tag], connection: redis, onError: fail });
  const bullmq = new Queue(HANDOFFS, { prefix: tag, connection: redis });
  onTestFinished(async () => {
    await bullmq.close();
    await queue.close();
  });

  async function add(count: number, delayMs = 0): Promise<readonly TaggedJob[]> {
    const jobs = Array.from({ length: count }, () => ({ id: newId(), generation: 1 }));
    await Promise.all(jobs.map((job) => queue.add({ ...job, connectorId: CONNECTOR, delayMs })));
    return jobs;
  }

  /** Starts one of our consumers; it is closed when the test is finished. */
  function consume(options: Partial<ConsumerOptions> & Pick<ConsumerOptions, "handle">): HandoffConsumer {
    const consumer = new HandoffConsumer({
      tags: [tag],
      openConnection: () => new Redis(inject("redisUrl"), { maxRetriesPerRequest: null }).on("error", () => undefined),
      concurrency: 16,
      now: Date.now,
      mayTake: () => true,
      onError: fail,
      onStalled: () => undefined,
      ...options,
    });
    consumer.start();
    onTestFinished(() => consumer.close());
    return consumer;
  }

  /** Starts a worker of BullMQ's own, and gives the ids of the jobs that it completed. */
  function consumeWithBullMq(): readonly string[] {
    const completed: string[] = [];
    const worker = new Worker(HANDOFFS, async (job: Job) => void completed.push(job.id ?? ""), {
      prefix: tag,
      connection: connect(),
      stalledInterval: 500,
      maxStalledCount: 1_000,
      removeOnComplete: { count: 0 },
    });
    worker.on("error", fail);
    onTestFinished(() => worker.close(true));
    return completed;
  }

  return {
    redis,
    tag,
    queue,
    bullmq,
    add,
    consume,
    consumeWithBullMq,
    take: (limit: number, lockMs = 30_000) => takeJobs(redis, tag, { token: "test", lockMs, limit }),
    /** How many jobs lie where, as BullMQ counts them. */
    counts: () => bullmq.getJobCounts("waiting", "active", "delayed"),
    /** Waits until nothing of the queue is left. */
    empty: () =>
      expect.poll(() => bullmq.getJobCounts("waiting", "active", "delayed"), POLL).toEqual({ waiting: 0, active: 0, delayed: 0 }),
  };
}

/** Patience for what happens by itself. */
export const POLL = { timeout: 30_000, interval: 20 } as const;

function fail(error: unknown): void {
  // A connection that is closed while a test ends is no fault.
  if (!/Connection is closed/.test(String(error))) throw error;
}
