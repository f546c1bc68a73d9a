import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect, inject, it, onTestFinished } from "vitest";
import { CONNECTOR, POLL, setup } from "../testing/shard.ts";
import type { JobVerdict, TakenJob } from "./handoff-consumer.ts";
import { jobIdOf } from "./topology.ts";

const DONE: JobVerdict = { kind: "done" };

/** createRecorder takes down every job it is given. */
function createRecorder(verdict: (job: TakenJob) => Promise<JobVerdict> | JobVerdict = () => DONE) {
  const taken: TakenJob[] = [];
  const handle = async (job: TakenJob) => {
    taken.push(job);
    return verdict(job);
  };
  return { taken, handle, ids: () => taken.map(({ id }) => id).toSorted() };
}

const idsOf = (jobs: readonly { readonly id: string }[]) => jobs.map(({ id }) => id).toSorted();

it("takes every job once and leaves nothing of it, a burst far larger than a batch too", async () => {
  const { add, consume, empty, redis, tag } = setup();
  const { handle, ids, taken } = createRecorder();
  consume({ handle });
  const jobs = await add(500);
  await expect.poll(ids, POLL).toEqual(idsOf(jobs));
  expect(taken[0]).toMatchObject({ generation: 1, connectorId: CONNECTOR });
  await empty();
  expect(await redis.exists(...jobs.map((job) => `${tag}:handoffs:${jobIdOf(job)}`))).toBe(0);
});

it("never gives a job to two of three consumers", async () => {
  const { add, consume, empty } = setup();
  const recorders = [createRecorder(), createRecorder(), createRecorder()];
  for (const { handle } of recorders) consume({ handle });
  const jobs = [...(await add(300)), ...(await add(100, 300))];
  await empty();
  expect(recorders.flatMap(({ ids }) => ids()).toSorted()).toEqual(idsOf(jobs));
});

it("holds no more jobs at once than it was told, though there are more shards than that, and serves each", async () => {
  const shards = Array.from({ length: 5 }, () => setup());
  let held = 0;
  let most = 0;
  shards[0]?.consume({
    tags: shards.map(({ tag }) => tag),
    concurrency: 2,
    handle: async () => {
      most = Math.max(most, ++held);
      await new Promise((resolve) => setTimeout(resolve, 5));
      held--;
      return DONE;
    },
  });
  await Promise.all(shards.map(({ add }) => add(10)));
  for (const { empty } of shards) await empty();
  expect(most).toBe(2);
});

it("closes when the job in hand is done, though other shards wait for its slot", async () => {
  const shards = Array.from({ length: 4 }, () => setup());
  let finish = () => {};
  const { taken, handle } = createRecorder(
    () =>
      new Promise((resolve) => {
        finish = () => resolve(DONE);
      }),
  );
  const consumer = shards[0]?.consume({ tags: shards.map(({ tag }) => tag), concurrency: 1, handle });
  await Promise.all(shards.map(({ add }) => add(1)));
  await expect.poll(() => taken.length, POLL).toBe(1);
  const closed = consumer?.close();
  finish();
  await closed;
  expect(taken).toHaveLength(1);
});

it("holds no more jobs at once than it was told", async () => {
  const { add, consume, empty } = setup();
  let held = 0;
  let most = 0;
  consume({
    concurrency: 3,
    handle: async () => {
      most = Math.max(most, ++held);
      await new Promise((resolve) => setTimeout(resolve, 5));
      held--;
      return DONE;
    },
  });
  await add(40);
  await empty();
  expect(most).toBe(3);
});

it("comes back to a job that wants to be looked at later, not before its time", async () => {
  const { add, consume, empty } = setup();
  const seenAt: number[] = [];
  consume({
    handle: async () => {
      seenAt.push(Date.now());
      return seenAt.length < 3 ? { kind: "later", delayMs: 150 } : DONE;
    },
  });
  await add(1);
  await empty();
  expect(seenAt).toHaveLength(3);
  for (const [i, at] of seenAt.slice(1).entries()) expect(at - (seenAt[i] ?? 0)).toBeGreaterThanOrEqual(149);
});

it("comes back to a job whose handling failed", async () => {
  const { add, consume, empty } = setup();
  const faults: unknown[] = [];
  const { handle, taken } = createRecorder(() => {
    if (taken.length === 1) throw new Error("Redis was away");
    return DONE;
  });
  consume({ handle, onError: (error) => faults.push(error) });
  await add(1);
  await empty();
  expect(taken).toHaveLength(2);
  expect(String(faults[0])).toContain("Redis was away");
});

it("keeps a job as long as it is worked on, beyond the time of its lock", async () => {
  const { add, consume, empty } = setup();
  const stalled: true[] = [];
  const [slow, other] = [
    createRecorder(() => new Promise<JobVerdict>((resolve) => setTimeout(() => resolve(DONE), 5_000))),
    createRecorder(),
  ];
  const onStalled = () => void stalled.push(true);
  consume({ handle: slow.handle, onStalled });
  await add(1);
  await expect.poll(() => slow.taken.length, POLL).toBe(1);
  consume({ handle: other.handle, onStalled });
  await empty();
  expect([slow.taken.length, other.taken.length, stalled.length]).toEqual([1, 0, 0]);
});

it("leaves a killed consumer's jobs to another one", async () => {
  const { add, consume, empty, tag } = setup();
  const jobs = await add(10);
  const main = fileURLToPath(new URL("../testing/consumer-process.ts", import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@baton/source", main, inject("redisUrl"), tag], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const held: string[] = [];
  createInterface({ input: child.stdout }).on("line", (id) => held.push(id));
  await expect.poll(() => held.toSorted(), POLL).toEqual(idsOf(jobs));
  child.kill("SIGKILL");
  const { handle, ids } = createRecorder();
  const stalled: true[] = [];
  consume({ handle, onStalled: () => void stalled.push(true) });
  await expect.poll(ids, POLL).toEqual(idsOf(jobs));
  await empty();
  expect(stalled).toHaveLength(10);
});

it("finishes what is in hand when it is closed, and leaves the rest to another one", async () => {
  const { add, consume, empty, counts } = setup();
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const { handle, taken } = createRecorder(() => gate.then(() => DONE));
  const first = consume({ handle, concurrency: 4 });
  const jobs = await add(10);
  await expect.poll(() => taken.length, POLL).toBe(4);
  const closed = first.close();
  open();
  await closed;
  expect(taken).toHaveLength(4);
  expect(await counts()).toEqual({ waiting: 6, active: 0, delayed: 0 });
  const next = createRecorder();
  consume({ handle: next.handle });
  await empty();
  expect([...idsOf(taken), ...next.ids()].toSorted()).toEqual(idsOf(jobs));
});

it("closes at once while it waits for jobs, and twice without harm", async () => {
  const { consume } = setup();
  const consumer = consume({ handle: async () => DONE });
  await consumer.close();
  await consumer.close();
});

it("takes nothing while it may not, and goes on when it may", async () => {
  const { add, consume, empty, counts } = setup();
  const { handle, taken } = createRecorder();
  let may = false;
  let asked = 0;
  consume({ handle, mayTake: () => ++asked > 0 && may });
  await add(5);
  await expect.poll(() => asked, POLL).toBeGreaterThan(2);
  expect(await counts()).toMatchObject({ waiting: 5 });
  may = true;
  await empty();
  expect(taken).toHaveLength(5);
});

it("leaves a paused queue alone until it goes on", async () => {
  const { add, consume, empty, bullmq, counts } = setup();
  const { handle, taken } = createRecorder();
  await bullmq.pause();
  await add(5);
  let asked = 0;
  consume({ handle, mayTake: () => ++asked > 0 });
  await expect.poll(() => asked, POLL).toBeGreaterThan(2);
  expect(taken).toEqual([]);
  expect(await counts()).toMatchObject({ active: 0 });
  await bullmq.resume();
  await empty();
  expect(taken).toHaveLength(5);
});

it("removes a job that nobody of Baton made, and goes on", async () => {
  const { add, consume, empty, bullmq } = setup();
  const { handle, taken } = createRecorder();
  await bullmq.add("handoff", { stray: true }, { jobId: "stray" });
  await add(1);
  consume({ handle });
  await empty();
  expect(taken).toHaveLength(1);
});
