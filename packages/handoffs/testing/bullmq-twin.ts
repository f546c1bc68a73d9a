/**
 * A twin of a shard's queues that only BullMQ's own scripts move: whatever our scripts do to a job is done to the same
 * job there by BullMQ, and both must leave the same behind.
 */
import { randomBytes } from "node:crypto";
import type { RedisConnection } from "@baton/redis/connection";
import { type Job, Queue, Worker } from "bullmq";
import { expect, onTestFinished } from "vitest";
import { openTestRedis } from "../../redis/testing/redis.ts";
import type { StoredHandoff } from "../src/handoff-record.ts";
import { elapse } from "./elapse.ts";
import type { Space } from "./space.ts";

/**
 * LEFT_OUT is what BullMQ keeps and our scripts do not. Keys: the stream of events, the counter that makes ids, what a
 * queue says of itself, the marks of the stalled check, and the marker of a queue without workers.
 */
const LEFT_OUT = {
  keys: ["events", "id", "meta", "stalled", "stalled-check"].map((name) => `handoffs:${name}`),
  deadLetterKeys: ["events", "id", "meta", "marker"].map((name) => `dead-letters:${name}`),
  // Kept by BullMQ's workers in a job: when and how often it was begun, and how often it was delayed.
  jobFields: ["processedOn", "ats", "atm"],
};
/** OURS_ALONE: the marker's member that wakes a worker for a gate; BullMQ has 0 (jobs wait) and 1 (a delayed one). */
const OURS_ALONE = "2";
/** BullMQ's scale of a delayed job's score, and of a prioritized one's. */
const DELAYED_PER_MS = 4_096;
const PRIORITY_STEP = 2 ** 32;

export const TOKEN = "token";
export const jobOf = ({ handoff, generation }: StoredHandoff) => `${handoff.id}-${generation}`;

export type Twin = Awaited<ReturnType<typeof createTwin>>;

/** createTwin opens the twin's queues under a prefix of their own. */
export async function createTwin(space: Space) {
  const { redis, tag: ours } = space;
  const theirs = `{twin${randomBytes(6).toString("hex")}}`;
  const connection = await openTestRedis("blocking");
  const options = { prefix: theirs, connection };
  const queue = new Queue("handoffs", { ...options, defaultJobOptions: { removeOnComplete: true } });
  const deadLetters = new Queue("dead-letters", options);
  const worker = new Worker("handoffs", null, { ...options, autorun: false });
  onTestFinished(async () => {
    await Promise.all([queue.close(), deadLetters.close(), worker.close(true)]);
    await redis.unlink(...(await redis.keys(`${theirs}:*`)), `${theirs}:none`);
  });
  await worker.waitUntilReady();

  const timestampOf = async (queueName: string, job: string) =>
    Number(await redis.hget(`${ours}:${queueName}:${job}`, "timestamp"));

  return {
    theirs,
    queue,
    deadLetters,
    worker,

    /** add has BullMQ add the job that ours made, due at the handoff's next attempt unless said. */
    async add(stored: StoredHandoff, dueAt = stored.handoff.nextAttemptAt ?? 0): Promise<void> {
      const jobId = jobOf(stored);
      const timestamp = await timestampOf("handoffs", jobId);
      const delay = Math.max(0, dueAt - timestamp);
      await queue.add("handoff", { connectorId: stored.handoff.connectorId }, { jobId, timestamp, delay });
    },

    /** addDeadLetter has BullMQ add the dead letter's job that ours made. */
    async addDeadLetter(stored: StoredHandoff): Promise<void> {
      const jobId = jobOf(stored);
      const timestamp = await timestampOf("dead-letters", jobId);
      const { connectorId, reason = "" } = stored.handoff;
      await deadLetters.add(reason, { connectorId }, { jobId, timestamp, priority: 1 });
    },

    /** take has BullMQ give the next job to a worker. */
    async take(): Promise<Job> {
      const job = await worker.getNextJob(TOKEN, { block: false });
      if (job === undefined) throw new Error("BullMQ has nothing to do");
      return job;
    },

    async remove(stored: StoredHandoff, from: Queue = queue): Promise<void> {
      await (await from.getJob(jobOf(stored)))?.remove();
    },

    /** wake takes both markers away, as blocked workers do. */
    async wake(): Promise<void> {
      for (const tag of [ours, theirs]) await redis.del(`${tag}:handoffs:marker`);
    },

    /** elapse lets the same time pass for both. */
    async elapse(ms: number): Promise<void> {
      await space.elapse(ms);
      await elapse(redis, theirs, ms);
    },

    /** expectSame compares all that both left behind; `but` names keys that differ for a reason the test gives. */
    async expectSame(...but: readonly string[]): Promise<void> {
      expect(await layoutOf(redis, ours, but)).toEqual(await layoutOf(redis, theirs, but));
    },
  };
}

/** layoutOf reads what lies under the keys of both queues, by key without the tag. */
async function layoutOf(redis: RedisConnection, tag: string, but: readonly string[]): Promise<Record<string, unknown>> {
  const leftOut = [...LEFT_OUT.keys, ...LEFT_OUT.deadLetterKeys, ...but];
  const layout: Record<string, unknown> = {};
  for (const key of await redis.keys(`${tag}:*`)) {
    const name = key.slice(tag.length + 1);
    if (!/^(handoffs|dead-letters):/.test(name) || leftOut.includes(name)) continue;
    const value = await readValue(redis, key, name);
    if (value !== undefined) layout[name] = value;
  }
  return layout;
}

async function readValue(redis: RedisConnection, key: string, name: string): Promise<unknown> {
  const type = await redis.type(key);
  switch (type) {
    case "string":
      return { value: await redis.get(key), expires: (await redis.pttl(key)) > 0 };
    case "list":
      return redis.lrange(key, 0, -1);
    case "hash":
      return fieldsOf(await redis.hgetall(key));
    case "zset":
      return scoresOf(name, await redis.zrange(key, "0", "-1", "WITHSCORES"));
    default:
      return type;
  }
}

/** fieldsOf gives a job's fields. Of options only the priority matters, and of the delay that there is one. */
function fieldsOf(fields: Readonly<Record<string, string>>): Record<string, unknown> {
  const kept = Object.entries(fields).filter(([name]) => !LEFT_OUT.jobFields.includes(name));
  const { opts = "{}", delay, ...rest } = Object.fromEntries(kept);
  return {
    ...rest,
    hasDelay: delay !== undefined,
    optedPriority: (JSON.parse(opts) as { priority?: number }).priority,
  };
}

/** scoresOf gives members in their order, with what their score means. */
function scoresOf(name: string, flat: readonly string[]): readonly unknown[] | undefined {
  const scale = name.endsWith(":delayed") ? DELAYED_PER_MS : name.endsWith(":prioritized") ? PRIORITY_STEP : 1;
  const rows = Array.from({ length: flat.length / 2 }, (_, row) => [
    flat[row * 2],
    Math.floor(Number(flat[row * 2 + 1]) / scale),
  ]).filter(([member]) => !name.endsWith(":marker") || member !== OURS_ALONE);
  return rows.length === 0 ? undefined : rows;
}
