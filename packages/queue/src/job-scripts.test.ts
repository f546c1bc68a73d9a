import { expect, it } from "vitest";
import { POLL, setup } from "../testing/shard.ts";
import { finishJobs } from "./job-scripts.ts";
import { jobIdOf } from "./topology.ts";

const NONE = { waiting: 0, active: 0, delayed: 0 };

it("takes waiting jobs in the order they came, with what they carry", async () => {
  const { queue, take, counts } = setup();
  const ids = ["1", "2", "3"].map((digit) => `ho_${"0".repeat(23)}${digit}`);
  for (const id of ids) await queue.add({ id, generation: 4, connectorId: "cn", delayMs: 0 });
  expect((await take(2)).jobs).toEqual(ids.slice(0, 2).map((id) => ({ id: `${id}-4`, data: JSON.stringify({ connectorId: "cn" }) })));
  expect(await counts()).toEqual({ waiting: 1, active: 2, delayed: 0 });
  expect((await take(5)).jobs.map(({ id }) => id)).toEqual([`${ids[2]}-4`]);
  expect(await take(5)).toEqual({ jobs: [] });
});

it("leaves behind what BullMQ finds as it expects: counts, states, locks and no trace of what is finished", async () => {
  const { add, take, counts, bullmq, redis, tag } = setup();
  await add(3);
  await add(2, 60_000);
  const { jobs, nextDelayedAt } = await take(2);
  expect(nextDelayedAt).toBeGreaterThan(Date.now());
  expect(await counts()).toEqual({ waiting: 1, active: 2, delayed: 2 });
  for (const { id } of jobs) expect(await (await bullmq.getJob(id))?.getState()).toBe("active");
  await finishJobs(
    redis,
    tag,
    jobs.map(({ id }) => ({ id, token: "test" })),
  );
  expect(await counts()).toEqual({ waiting: 1, active: 0, delayed: 2 });
  for (const { id } of jobs) expect(await redis.exists(`${tag}:handoffs:${id}`, `${tag}:handoffs:${id}:lock`)).toBe(0);
});

it("takes delayed jobs when they are due and not before, the earliest first", async () => {
  const { queue, take, counts } = setup();
  const ids = ["1", "2", "3"].map((digit) => `ho_${"0".repeat(23)}${digit}`);
  const delays = [400, 200, 600_000];
  for (const [i, id] of ids.entries()) await queue.add({ id, generation: 1, connectorId: "cn", delayMs: delays[i] ?? 0 });
  const taken: string[] = [];
  await expect
    .poll(async () => {
      taken.push(...(await take(10)).jobs.map(({ id }) => id));
      return taken;
    }, POLL)
    .toEqual([`${ids[1]}-1`, `${ids[0]}-1`]);
  expect(await counts()).toEqual({ waiting: 0, active: 2, delayed: 1 });
});

it("makes more than five hundred due at once in several steps, and forgets none", async () => {
  const { add, take, counts } = setup();
  await add(1_100, 100);
  const taken = new Set<string>();
  await expect
    .poll(async () => {
      for (const { id } of (await take(200)).jobs) taken.add(id);
      return taken.size;
    }, POLL)
    .toBe(1_100);
  expect(await counts()).toEqual({ waiting: 0, active: 1_100, delayed: 0 });
});

it("takes nothing from a queue that BullMQ paused, neither waiting nor due, and all of it once it goes on", async () => {
  const { add, take, bullmq, counts } = setup();
  await add(3);
  await add(1, 1);
  await bullmq.pause();
  await expect
    .poll(async () => (await bullmq.getDelayed()).every(({ timestamp, delay }) => timestamp + delay < Date.now()), POLL)
    .toBe(true);
  expect(await take(10)).toEqual({ jobs: [] });
  await add(2);
  expect(await take(10)).toEqual({ jobs: [] });
  await bullmq.resume();
  expect((await take(10)).jobs).toHaveLength(6);
  expect(await counts()).toMatchObject({ active: 6 });
});

it("finishes only what is locked by its own token", async () => {
  const { add, take, redis, tag, counts } = setup();
  await add(2);
  const ids = (await take(2)).jobs.map(({ id }) => id);
  const finish = (token: string) =>
    finishJobs(
      redis,
      tag,
      ids.map((id) => ({ id, token })),
    );
  await finish("another's");
  expect(await counts()).toMatchObject({ active: 2 });
  await redis.del(`${tag}:handoffs:${ids[0]}:lock`);
  await finish("test");
  expect(await counts()).toMatchObject({ active: 1 });
  await finish("test");
  expect(await counts()).toMatchObject({ active: 1 });
});

it("passes over a job whose data is gone", async () => {
  const { add, take, redis, tag, counts } = setup();
  const [first] = await add(3);
  if (first === undefined) throw new Error("none");
  await redis.del(`${tag}:handoffs:${jobIdOf(first)}`);
  expect((await take(5)).jobs).toHaveLength(2);
  expect(await counts()).toEqual({ ...NONE, active: 2 });
});

it("sets BullMQ's marker where jobs are left, so that whoever waits wakes", async () => {
  const { add, take, redis, tag } = setup();
  await add(3);
  await redis.del(`${tag}:handoffs:marker`);
  await take(2);
  expect(await redis.zscore(`${tag}:handoffs:marker`, "0")).toBe("0");
});

it("lets a worker of BullMQ's own go on with what was left waiting, delayed, and active with its worker dead", async () => {
  const { add, take, consumeWithBullMq, empty, redis, tag } = setup();
  const jobs = [...(await add(20)), ...(await add(5, 300))];
  // Taken, and never heard of again: the lock ends by itself.
  await take(7, 200);
  // Due ones that we made wait, and never took.
  await expect.poll(() => redis.zcard(`${tag}:handoffs:delayed`), POLL).toBe(5);
  const completed = consumeWithBullMq();
  await expect.poll(() => completed.toSorted(), POLL).toEqual(jobs.map(jobIdOf).toSorted());
  await empty();
});

it("lets a worker of BullMQ's own take what we put back to its time", async () => {
  const { add, consume, consumeWithBullMq, empty } = setup();
  const jobs = await add(5);
  const seen = new Set<string>();
  const ours = consume({
    handle: async ({ id }) => {
      seen.add(id);
      return { kind: "later", delayMs: 2_000 };
    },
  });
  await expect.poll(() => seen.size, POLL).toBe(5);
  await ours.close();
  const completed = consumeWithBullMq();
  await expect.poll(() => completed.toSorted(), POLL).toEqual(jobs.map(jobIdOf).toSorted());
  await empty();
});

it("keeps a job in Redis's compact form", async () => {
  const { add, redis, tag } = setup();
  const jobs = [...(await add(1)), ...(await add(1, 60_000))];
  for (const job of jobs) expect(await redis.object("ENCODING", `${tag}:handoffs:${jobIdOf(job)}`)).toBe("listpack");
});
