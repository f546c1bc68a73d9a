import { Queue } from "bullmq";
import { expect, it, onTestFinished } from "vitest";
import { CONNECTOR, connect, newId, setup } from "../testing/shard.ts";
import { DeadLetterQueue } from "./dead-letter-queue.ts";
import { HandoffQueue } from "./handoff-queue.ts";
import { jobIdOf, readJobId } from "./topology.ts";

it("adds the same generation once, also while it is active, and the next one beside it", async () => {
  const { queue, counts, take } = setup();
  const job = { id: newId(), generation: 1, connectorId: CONNECTOR, delayMs: 0 };
  for (let i = 0; i < 3; i++) await queue.add(job);
  expect(await counts()).toEqual({ waiting: 1, active: 0, delayed: 0 });
  await take(1);
  await queue.add(job);
  expect(await counts()).toEqual({ waiting: 0, active: 1, delayed: 0 });
  await queue.add({ ...job, generation: 2, delayMs: 60_000 });
  expect(await counts()).toEqual({ waiting: 0, active: 1, delayed: 1 });
});

it("keeps no more in a job than the right to work on its handoff", async () => {
  const { queue, bullmq } = setup();
  const id = newId();
  await queue.add({ id, generation: 1, connectorId: CONNECTOR, delayMs: 0 });
  expect((await bullmq.getJob(`${id}-1`))?.data).toEqual({ connectorId: CONNECTOR });
});

it("wakes a delayed job, and does not mind one that is waiting, active, gone or nobody's", async () => {
  const { queue, add, take, counts } = setup();
  const [delayed] = await add(1, 600_000);
  if (delayed === undefined) throw new Error("none");
  await queue.wake(jobIdOf(delayed));
  expect(await counts()).toEqual({ waiting: 1, active: 0, delayed: 0 });
  await queue.wake(jobIdOf(delayed));
  await take(1);
  await queue.wake(jobIdOf(delayed));
  await queue.wake(jobIdOf({ id: newId(), generation: 9 }));
  await queue.wake("stray");
  expect(await counts()).toEqual({ waiting: 0, active: 1, delayed: 0 });
});

it("tells which jobs exist, in whatever state", async () => {
  const { queue, add, take } = setup();
  const jobs = [...(await add(2)), ...(await add(1, 60_000)), { id: newId(), generation: 1 }];
  await take(1);
  expect(await queue.has(jobs)).toEqual([true, true, true, false]);
  expect(await queue.has([])).toEqual([]);
});

it("counts what BullMQ counts", async () => {
  const { queue, add, take, bullmq } = setup();
  await add(3);
  await add(2, 60_000);
  await take(1);
  expect(await queue.counts()).toEqual([{ shard: 0, waiting: 2, active: 1, delayed: 2 }]);
  expect(await bullmq.getJobCounts("waiting", "active", "delayed")).toEqual({ waiting: 2, active: 1, delayed: 2 });
});

it("finds the shard of a handoff, and says so where there is none", async () => {
  const tags = [0, 1].map((shard) => `{${newId()}:${shard}}`);
  const queue = new HandoffQueue({ tags, connection: connect(), onError: () => undefined });
  await queue.add({ id: newId(1), generation: 1, connectorId: CONNECTOR, delayMs: 0 });
  expect(await queue.counts()).toMatchObject([{ waiting: 0 }, { waiting: 1 }]);
  const stray = { id: newId(2), generation: 1, connectorId: CONNECTOR, delayMs: 0 };
  await expect(queue.add(stray)).rejects.toThrow(/belongs to no shard/);
});

it("reads the name of a job back", () => {
  const job = { id: newId(), generation: 12 };
  expect(readJobId(jobIdOf(job))).toEqual(job);
  for (const stray of ["", "ho_1", "-1", "ho_1-", "ho_1-x"]) expect(readJobId(stray)).toBeUndefined();
});

it("files and removes a dead letter as often as it is told, with the same result", async () => {
  const tag = `{${newId()}:0}`;
  const deadLetters = new DeadLetterQueue({ tags: [tag], connection: connect(), onError: () => undefined });
  const letter = { id: newId(), connectorId: CONNECTOR, reason: "rejected", diedAt: 1_800_000_000_000 } as const;
  const redis = connect();
  const letters = () => redis.zrange(`${tag}:dead-letters:prioritized`, "0", "-1");
  for (let i = 0; i < 2; i++) await deadLetters.file(letter, 3);
  expect(await letters()).toEqual([`${letter.id}-3`]);
  const job = `${tag}:dead-letters:${letter.id}-3`;
  expect(await redis.hgetall(job)).toMatchObject({
    name: "rejected",
    timestamp: String(letter.diedAt),
    data: JSON.stringify({ connectorId: CONNECTOR }),
  });
  expect(await redis.object("ENCODING", job)).toBe("listpack");
  // What BullMQ's own tools find of it.
  const bullmq = new Queue("dead-letters", { prefix: tag, connection: connect() }).on("error", () => undefined);
  onTestFinished(() => bullmq.close());
  expect(await bullmq.getJobCounts("prioritized")).toEqual({ prioritized: 1 });
  expect(await bullmq.getPrioritized()).toMatchObject([
    { id: `${letter.id}-3`, name: "rejected", data: { connectorId: CONNECTOR }, priority: 1 },
  ]);
  await deadLetters.remove({ id: letter.id, generation: 2 });
  expect(await letters()).toHaveLength(1);
  for (let i = 0; i < 2; i++) await deadLetters.remove({ id: letter.id, generation: 3 });
  expect(await letters()).toEqual([]);
});
