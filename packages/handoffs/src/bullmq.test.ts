/** What BullMQ's own tools see of handoffs, at each step: our scripts move the jobs, and BullMQ's lists stay true. */
import { Queue } from "bullmq";
import { expect, it, onTestFinished } from "vitest";
import { again, createConnector, DELIVERED, openTestRedis, REJECTED, setup as setupSpace } from "../testing/space.ts";
import { StalledJobCheck } from "./bullmq-stalled-job-check.ts";
import { waitUntilClaimable, wakeAnotherIdleWorker } from "./bullmq-wakeup-marker.ts";
import type { StoredHandoff } from "./handoff-record.ts";

const POLL = { timeout: 20_000 };

async function setup() {
  const space = await setupSpace();
  const connection = await openTestRedis("blocking");
  const open = (name: string) => {
    const queue = new Queue(name, { prefix: space.tag, connection, skipVersionCheck: true });
    onTestFinished(() => queue.close());
    return queue;
  };
  const [handoffs, deadLetters] = [open("handoffs"), open("dead-letters")];
  const jobOf = ({ handoff, generation }: StoredHandoff) => `${handoff.id}-${generation}`;
  return {
    ...space,
    connection,
    jobs: handoffs,
    deadLetterJobs: deadLetters,
    jobOf,
    /** What BullMQ says of a handoff's job. */
    state: (stored: StoredHandoff) => handoffs.getJobState(jobOf(stored)),
    isLocked: async (stored: StoredHandoff) =>
      (await space.redis.exists(`${space.tag}:handoffs:${jobOf(stored)}:lock`)) === 1,
  };
}

const names = async (jobs: Promise<readonly ({ readonly id?: string | undefined } | undefined)[]>) =>
  (await jobs).map((job) => job?.id);

it("sees a handoff wait, delayed, active with a lock, delayed once more for its retry, and gone", async () => {
  const { queued, claim, settle, elapse, state, isLocked, jobs, jobOf, redis, tag } = await setup();
  const connector = createConnector();
  const [delayed, stored] = [await queued(connector, { delayMs: 5_000 }), await queued(connector)];
  expect(await Promise.all([delayed, stored].map(state))).toEqual(["delayed", "waiting"]);
  expect(await names(jobs.getWaiting())).toEqual([jobOf(stored)]);
  expect(await names(jobs.getDelayed())).toEqual([jobOf(delayed)]);
  const job = await jobs.getJob(jobOf(stored));
  expect(job).toMatchObject({ name: "handoff", data: { connectorId: connector.id }, attemptsMade: 0 });

  const [attempt] = (await claim(connector)).attempts;
  if (attempt === undefined) throw new Error("none");
  expect([await state(stored), await isLocked(stored)]).toEqual(["active", true]);
  expect(await names(jobs.getActive())).toEqual([jobOf(stored)]);

  await settle(connector, attempt, again("unreachable", 1_000));
  expect([await state(stored), await isLocked(stored)]).toEqual(["delayed", false]);
  await elapse(5_000);
  const last = (await claim(connector)).attempts;
  expect(last).toHaveLength(2);
  expect(await Promise.all([delayed, stored].map(state))).toEqual(["active", "active"]);
  for (const each of last) await settle(connector, each, DELIVERED);
  expect(await Promise.all([delayed, stored].map(state))).toEqual(["unknown", "unknown"]);
  expect(await jobs.getJobCounts("waiting", "active", "delayed", "completed", "failed")).toEqual({
    waiting: 0,
    active: 0,
    delayed: 0,
    completed: 0,
    failed: 0,
  });
  expect(await redis.keys(`${tag}:handoffs:ho_*`)).toEqual([]);
});

it("sees what is parked delayed to its deadline: behind its gate, its rate, or another of its contact", async () => {
  const { queued, claim, state, redis, tag, jobOf } = await setup();
  const connector = createConnector({ rate: { perSecond: 1, burst: 1 } });
  const first = await queued(connector, { contactId: "1" });
  const [behind, spaced] = [await queued(connector, { contactId: "1" }), await queued(connector, { contactId: "2" })];
  await claim(connector);
  expect(await Promise.all([first, behind, spaced].map(state))).toEqual(["active", "delayed", "delayed"]);
  for (const stored of [behind, spaced]) {
    const score = Number(await redis.zscore(`${tag}:handoffs:delayed`, jobOf(stored)));
    expect(Math.floor(score / 4_096)).toBe(stored.handoff.deadlineAt + 1);
  }
});

it("sees a dead handoff among the dead letters, by its reason, and back among the handoffs once it is replayed", async () => {
  const { die, replay, state, deadLetterJobs, jobOf, deadLetters, jobs } = await setup();
  const connector = createConnector();
  const [dead, discarded] = [await die(connector, REJECTED), await die(connector, REJECTED)];
  expect((await names(deadLetterJobs.getPrioritized())).toSorted()).toEqual([dead, discarded].map(jobOf).toSorted());
  expect(await deadLetterJobs.getJob(jobOf(dead))).toMatchObject({
    name: "rejected",
    data: { connectorId: connector.id },
  });
  expect(await deadLetterJobs.getJobState(jobOf(dead))).toBe("prioritized");
  expect(await state(dead)).toBe("unknown");
  const replayed = await replay(dead);
  if (replayed.kind !== "replayed") throw new Error(replayed.kind);
  await deadLetters.discard(discarded.handoff.id);
  expect(await names(deadLetterJobs.getPrioritized())).toEqual([]);
  expect(await state(replayed.stored)).toBe("waiting");
  expect(await names(jobs.getWaiting())).toEqual([`${dead.handoff.id}-2`]);
});

it("sees nothing any more of what was cancelled, taken back or has expired", async () => {
  const { queued, claim, handoffs, elapse, jobs, redis, tag } = await setup();
  const connector = createConnector();
  const paused = { ...connector, paused: true };
  const parked = [await queued(connector), await queued(connector), await queued(connector, { deadlineMs: 1_000 })];
  await claim(paused);
  const waiting = [await queued(connector), await queued(connector), await queued(connector, { deadlineMs: 1_000 })];
  for (const [cancelled, withdrawn] of [parked, waiting]) {
    await handoffs.cancel(cancelled?.handoff.id ?? "");
    await handoffs.withdraw(withdrawn?.handoff.id ?? "");
  }
  await elapse(1_001);
  await claim(paused);
  expect(await jobs.getJobCounts("waiting", "active", "delayed")).toEqual({ waiting: 0, active: 0, delayed: 0 });
  expect(await redis.keys(`${tag}:handoffs:ho_*`)).toEqual([]);
});

it("gives a job back whose worker died by BullMQ's own check, wakes a worker for it, and leaves a live one alone", async () => {
  const { queued, claim, connection, redis, tag, jobOf, state, deliveries } = await setup();
  const connector = createConnector();
  const [lost, live] = [await queued(connector), await queued(connector)];
  const { attempts } = await claim(connector);
  await redis.del(`${tag}:handoffs:marker`, `${tag}:handoffs:${jobOf(lost)}:lock`);
  const stalled: string[] = [];
  const check = new StalledJobCheck(tag, {
    connection,
    onError: (error) => stalled.push(String(error)),
    onStalled: () => stalled.push("stalled"),
  });
  onTestFinished(() => check.close());
  check.start();
  await expect
    .poll(async () => {
      await deliveries.renewLocks(
        tag,
        attempts.filter(({ id }) => id === live.handoff.id),
      );
      return state(lost);
    }, POLL)
    .toBe("waiting");
  expect(stalled).toEqual(["stalled"]);
  expect(await state(live)).toBe("active");
  expect(await redis.zrange(`${tag}:handoffs:marker`, "0", "-1")).toEqual(["0"]);
  // The record decides what becomes of it: it is fenced first.
  expect((await claim(connector)).attempts).toEqual([]);
  expect(await state(lost)).toBe("delayed");
});

it("begins nothing while the queue is paused by a BullMQ tool, and goes on after", async () => {
  const { queued, claim, jobs, redis, tag } = await setup();
  const connector = createConnector();
  const before = await queued(connector);
  await jobs.pause();
  const during = await queued(connector);
  expect(await redis.exists(`${tag}:handoffs:marker`)).toBe(0);
  expect((await claim(connector)).attempts).toEqual([]);
  await jobs.resume();
  expect(await redis.zrange(`${tag}:handoffs:marker`, "0", "-1")).toEqual(["0"]);
  expect((await claim(connector)).attempts.map(({ id }) => id)).toEqual(
    [before, during].map(({ handoff }) => handoff.id),
  );
});

it("takes no harm from a BullMQ tool that promotes or removes a job", async () => {
  const { queued, claim, settle, jobs, jobOf, elapse, maintenance, tag, read } = await setup();
  const connector = createConnector({ rate: { perSecond: 1_000, burst: 1 } });
  const delayed = await queued(connector, { delayMs: 5_000 });
  const [first, parked] = [await queued(connector), await queued(connector)];
  const [attempt] = (await claim(connector)).attempts;
  if (attempt === undefined) throw new Error("none");
  await (await jobs.getJob(jobOf(delayed)))?.promote();
  await (await jobs.getJob(jobOf(parked)))?.promote();
  // Promoting a handoff makes it no earlier: its record says when it is due.
  await elapse(2);
  const begun = [...(await claim(connector)).attempts, ...(await claim(connector)).attempts];
  expect(begun.map(({ id }) => id)).toEqual([parked.handoff.id]);
  for (const each of [attempt, ...begun])
    expect(await settle(connector, each, DELIVERED)).toMatchObject({ status: "delivered" });
  expect((await read(delayed)).handoff.waitingFor).toBe("delay");
  await (await jobs.getJob(jobOf(delayed)))?.remove();
  await elapse(10_001);
  expect((await maintenance.reconcile(tag, { from: { at: 0, skip: 0 }, afterMs: 5_000, limit: 10 })).repaired).toEqual([
    delayed.handoff.id,
  ]);
  expect((await claim(connector)).attempts).toMatchObject([{ id: delayed.handoff.id, generation: 2 }]);
  expect(first.handoff.id).toBe(attempt.id);
});

it("wakes a blocked worker for a new job, gives it a later moment, and passes on what it cannot use", async () => {
  const { queued, redis, tag } = await setup();
  const blocking = await openTestRedis("blocking");
  const marked = waitUntilClaimable(blocking, tag, 60_000);
  const stored = await queued(createConnector(), { delayMs: 5_000 });
  expect(await marked).toBe(stored.handoff.nextAttemptAt);
  const woken = waitUntilClaimable(blocking, tag, 60_000);
  await queued(createConnector());
  expect(await woken).toBe(0);
  expect(await redis.exists(`${tag}:handoffs:marker`)).toBe(0);
  const next = waitUntilClaimable(blocking, tag, 60_000);
  await wakeAnotherIdleWorker(redis, tag);
  expect(await next).toBe(0);
  expect(await waitUntilClaimable(blocking, tag, 2)).toBeUndefined();
});
