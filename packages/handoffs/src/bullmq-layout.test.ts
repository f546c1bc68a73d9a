/**
 * BullMQ's own scripts beside ours, on the same jobs: whatever of ours touches BullMQ's lists leaves the same behind as
 * BullMQ does. What fails here after an upgrade of BullMQ is what changed in its layout (docs/adr/0021).
 */
import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { readLuaSource } from "@baton/redis/lua-script";
import { type Job, Queue } from "bullmq";
import { expect, it, onTestFinished } from "vitest";
import { createTwin, jobOf, TOKEN, type Twin } from "../testing/bullmq-twin.ts";
import { grantToken, pausedOf } from "../testing/gate.ts";
import {
  again,
  createConnector,
  DELIVERED,
  FAR_FUTURE,
  openTestRedis,
  REJECTED,
  type Space,
  setup,
} from "../testing/space.ts";
import { createClearThrottleAndBreaker } from "./clear-throttle-and-breaker.ts";
import { createCollectRunPlanItems } from "./collect-run-plan-items.ts";
import type { StoredHandoff } from "./handoff-record.ts";
import { createHandoffSearch } from "./handoff-search.ts";
import { createMarkRestoredHandoffs } from "./mark-handoffs-restored-from-backup.ts";
import { createOverviewFiguresReader } from "./read-overview-figures.ts";
import { createRunItemStore } from "./run-item-store.ts";

/** Comparison says which of our scripts it runs, and what BullMQ's do instead. */
interface Comparison {
  /** Separated by commas; `extendJobLocks` is commands without a script. */
  readonly scripts: string;
  readonly title: string;
  readonly run: (space: Space, twin: Twin) => Promise<void>;
}

// Our claim wakes another worker where there is more to do; BullMQ's after each job, whatever there is.
const MARKER = "handoffs:marker";

/** begin has both give the same jobs to a worker. */
async function begin(space: Space, twin: Twin, connector: ReturnType<typeof createConnector>, count = 1) {
  const { attempts } = await space.claim(connector, { token: TOKEN, slots: count });
  expect(attempts).toHaveLength(count);
  const jobs: Job[] = [];
  for (let i = 0; i < count; i++) jobs.push(await twin.take());
  await twin.wake();
  return attempts.map((attempt, i) => ({ attempt, job: jobs[i] ?? fail() }));
}

/** queue has both add a handoff's job. */
async function queue(
  space: Space,
  twin: Twin,
  connector: ReturnType<typeof createConnector>,
  change = {},
): Promise<StoredHandoff> {
  const stored = await space.queued(connector, change);
  await twin.add(stored);
  return stored;
}

/** die has both make a dead letter of a handoff. */
async function die(space: Space, twin: Twin, connector = createConnector()): Promise<StoredHandoff> {
  await queue(space, twin, connector);
  const [{ attempt, job } = fail()] = await begin(space, twin, connector);
  await space.settle(connector, attempt, REJECTED);
  await job.moveToCompleted(null, TOKEN, false);
  const dead = (await space.handoffs.read(attempt.id)) ?? fail();
  await twin.addDeadLetter(dead);
  return dead;
}

/** expired has both see a handoff die of its deadline, whose job lies among the delayed ones. */
async function expired(
  space: Space,
  twin: Twin,
  notice: (stored: StoredHandoff) => Promise<unknown>,
  change = {},
): Promise<void> {
  const stored = await queue(space, twin, createConnector(), { delayMs: 500, deadlineMs: 1_000, ...change });
  await twin.elapse(2_001);
  await notice(stored);
  await twin.remove(stored);
  await twin.addDeadLetter(await space.read(stored));
  await twin.expectSame(MARKER);
}

const KEY = { key: "key", fingerprints: ["f"], keepMs: 60_000 };

const COMPARISONS: readonly Comparison[] = [
  {
    scripts: "place-accepted-handoffs-in-queue",
    title: "adds a job that is ready, and one that is delayed, as Queue.add does",
    async run(space, twin) {
      const connector = createConnector();
      for (const delayMs of [0, 5_000, 0, 9_000]) await queue(space, twin, connector, { delayMs });
      await twin.expectSame();
    },
  },
  {
    scripts: "place-accepted-handoffs-in-queue",
    title: "wakes no worker for a job of a paused queue, as Queue.add does not",
    async run(space, twin) {
      const own = new Queue("handoffs", { prefix: space.tag, connection: await openTestRedis("blocking") });
      onTestFinished(() => own.close());
      await Promise.all([own.pause(), twin.queue.pause()]);
      for (const delayMs of [0, 5_000]) await queue(space, twin, createConnector(), { delayMs });
      // Of a delayed job BullMQ wakes a worker of a paused queue all the same, which then finds nothing to do.
      await twin.expectSame(MARKER);
      expect(await space.redis.exists(`${space.tag}:${MARKER}`)).toBe(0);
    },
  },
  {
    scripts: "claim",
    title: "gives the jobs that wait, and those whose moment came, to a worker, as Worker.getNextJob does",
    async run(space, twin) {
      const connector = createConnector();
      for (const delayMs of [2_000, 0, 60_000, 0]) await queue(space, twin, connector, { delayMs });
      await begin(space, twin, connector, 2);
      await twin.expectSame(MARKER);
      await twin.elapse(2_000);
      await begin(space, twin, connector);
      await twin.expectSame(MARKER);
    },
  },
  {
    scripts: "claim",
    title: "delays a job that may not go until its deadline, and takes it from there, as moveToDelayed and promote do",
    async run(space, twin) {
      const connector = createConnector({ rate: { perSecond: 1_000, burst: 1 } });
      const stored = [await queue(space, twin, connector), await queue(space, twin, connector)];
      await space.claim(connector, { token: TOKEN });
      const [, parked] = [await twin.take(), await twin.take()];
      await parked.moveToDelayed((stored[1]?.handoff.deadlineAt ?? 0) + 1, TOKEN);
      await twin.expectSame(MARKER);
      await twin.elapse(1_000);
      expect((await space.claim(connector, { token: TOKEN })).attempts).toHaveLength(1);
      await (await twin.queue.getJob(parked.id ?? ""))?.promote();
      await twin.take();
      await twin.expectSame(MARKER);
    },
  },
  {
    scripts: "settle",
    title: "removes the job of what was delivered, as moveToCompleted with removeOnComplete does",
    async run(space, twin) {
      const connector = createConnector();
      for (let i = 0; i < 3; i++) await queue(space, twin, connector);
      const [, { attempt, job } = fail()] = await begin(space, twin, connector, 3);
      await space.settle(connector, attempt, DELIVERED);
      await job.moveToCompleted(null, TOKEN, false);
      await twin.expectSame();
    },
  },
  {
    scripts: "settle",
    title: "delays a job until its retry, and gives its lock up, as moveToDelayed does",
    async run(space, twin) {
      const connector = createConnector();
      const stored = await queue(space, twin, connector);
      const [{ attempt, job } = fail()] = await begin(space, twin, connector);
      await space.settle(connector, attempt, again("unreachable", 5_000));
      await job.moveToDelayed((await space.read(stored)).handoff.nextAttemptAt ?? 0, TOKEN);
      await twin.expectSame();
    },
  },
  {
    scripts: "settle",
    title: "moves the job of what died to the dead letters, as moveToCompleted and a prioritized Queue.add do",
    async run(space, twin) {
      await die(space, twin);
      await die(space, twin);
      await twin.expectSame();
    },
  },
  {
    scripts: "replay-dead-letter",
    title: "moves a dead letter's job back to the handoffs, as Job.remove and Queue.add do",
    async run(space, twin) {
      const [dead] = [await die(space, twin), await die(space, twin)];
      const replayed = await space.replay(dead);
      if (replayed.kind !== "replayed") throw new Error(replayed.kind);
      await twin.remove(dead, twin.deadLetters);
      await twin.add(replayed.stored);
      await twin.expectSame();
    },
  },
  {
    scripts: "read-run-progress, replay-or-discard-run-items",
    title: "moves the jobs of a run's items as replay and discard do",
    async run(space, twin) {
      const dead = [await die(space, twin), await die(space, twin)];
      const runs = createRunItemStore(space.shards);
      for (const [i, stored] of dead.entries()) {
        const { connectorId } = stored.handoff;
        const order = { run: `RUN${i}`, version: 1, isDiscard: i === 1 };
        const scope = { filter: { connectorId }, includeUnknown: false, skipEndedContacts: false };
        await createCollectRunPlanItems(space.shards)(order.run, scope);
        await runs.look(space.tag, { ...order, offset: 0, upcoming: 1 });
        const connectors = [{ id: connectorId, most: 1 }];
        const step = { ...order, commandDeadline: FAR_FUTURE, quota: 1, includeUnknown: false, connectors };
        expect(await runs.step(space.tag, step)).toMatchObject({ kind: "stepped", faults: [] });
        await twin.remove(stored, twin.deadLetters);
        const now = await space.read(stored);
        // An item is parked behind the live handoffs: its job lies at its deadline.
        if (now.handoff.status === "queued") await twin.add(now, now.handoff.deadlineAt + 1);
      }
      await twin.expectSame();
    },
  },
  {
    scripts: "discard-dead-letter, prune-ended-handoffs",
    title: "removes a dead letter's job, as Job.remove does",
    async run(space, twin) {
      const [discarded, pruned] = [await die(space, twin), await die(space, twin)];
      await space.deadLetters.discard(discarded.handoff.id);
      await twin.remove(discarded, twin.deadLetters);
      await twin.expectSame();
      await space.maintenance.prune(space.tag, "dead", { before: (await space.now()) + 1, limit: 10 });
      await twin.remove(pruned, twin.deadLetters);
      await twin.expectSame();
    },
  },
  {
    scripts: "cancel-handoff, withdraw-unacknowledged-handoff, claim",
    title: "removes a delayed job at once and one that waits with the next claim, as Job.remove does",
    async run(space, twin) {
      const connector = createConnector();
      const stored = [];
      for (const delayMs of [5_000, 5_000, 0, 0]) stored.push(await queue(space, twin, connector, { delayMs }));
      const [first, second, third, fourth] = stored.map(({ handoff }) => handoff.id);
      for (const id of [first, third]) await space.handoffs.cancel(id ?? "");
      for (const id of [second, fourth]) await space.handoffs.withdraw(id ?? "");
      expect((await space.claim(connector)).attempts).toEqual([]);
      for (const each of stored) await twin.remove(each);
      await twin.expectSame(MARKER);
    },
  },
  {
    scripts: "read-handoff",
    title: "moves a job past its deadline to the dead letters when it is read, as Job.remove and Queue.add do",
    run: (space, twin) => expired(space, twin, ({ handoff }) => space.handoffs.read(handoff.id)),
  },
  {
    scripts: "mark-handoffs-restored-from-backup",
    title: "moves a delayed job of an at-most-once connector to the dead letters, as Job.remove and Queue.add do",
    async run(space, twin) {
      const connector = createConnector({ guarantee: "at-most-once" });
      const stored = await queue(space, twin, connector, { delayMs: 500 });
      await createMarkRestoredHandoffs(space.shards)(space.tag, [connector.id]);
      await twin.remove(stored);
      await twin.addDeadLetter(await space.read(stored));
      await twin.expectSame(MARKER);
    },
  },
  {
    scripts: "read-handoff-page",
    title: "moves a job past its deadline to the dead letters when it is listed, as Job.remove and Queue.add do",
    run: (space, twin) => expired(space, twin, () => createHandoffSearch(space.shards)({}, { limit: 10 })),
  },
  {
    scripts: "read-handoff, accept",
    title: "moves a job past its deadline to the dead letters when its key comes again, as Job.remove and Queue.add do",
    async run(space, twin) {
      const look = ({ handoff }: StoredHandoff) => space.handoffs.findByKey(handoff.connectorId, KEY, "another");
      await expired(space, twin, look, { idempotency: KEY });
      const key = { ...KEY, key: "other" };
      const repeat = ({ handoff }: StoredHandoff) =>
        space.accept(createConnector({}, { id: handoff.connectorId }), { idempotency: key });
      await expired(space, twin, repeat, { idempotency: key });
    },
  },
  {
    scripts: "reconcile-overdue-handoffs",
    title: "adds the job of a handoff that has none, as Queue.add does",
    async run(space, twin) {
      const accepted = await space.accept(createConnector());
      if (accepted.kind !== "accepted") throw new Error(accepted.kind);
      await twin.elapse(6_000);
      await space.maintenance.reconcile(space.tag, { from: { at: 0, skip: 0 }, afterMs: 5_000, limit: 10 });
      await twin.add(await space.read(accepted.stored));
      await twin.expectSame();
    },
  },
  {
    scripts: "extendJobLocks",
    title: "renews a lock that is there, and makes none anew, as Worker.extendJobLocks does",
    async run(space, twin) {
      const connector = createConnector();
      const stored = [await queue(space, twin, connector), await queue(space, twin, connector)];
      const begun = await begin(space, twin, connector, 2);
      const locks = stored.map((each) => `handoffs:${jobOf(each)}:lock`);
      for (const tag of [space.tag, twin.theirs]) {
        await space.redis.pexpire(`${tag}:${locks[0]}`, 500);
        await space.redis.del(`${tag}:${locks[1]}`);
      }
      await space.deliveries.renewLocks(
        space.tag,
        begun.map(({ attempt }) => attempt),
      );
      await twin.worker.extendJobLocks(stored.map(jobOf), [TOKEN, TOKEN], 3_000);
      await twin.expectSame();
      for (const tag of [space.tag, twin.theirs])
        expect(await space.redis.pttl(`${tag}:${locks[0]}`)).toBeGreaterThan(500);
    },
  },
  {
    scripts:
      "read-or-replace-api-access, clear-throttle-and-breaker, measure-connector-queue-urgency, read-connector-states",
    title:
      "moves no job for a token, an opened gate or a look at the queue: only the marker's own member wakes a worker",
    async run(space, twin) {
      const connector = createConnector();
      const parked = await queue(space, twin, connector);
      await space.claim(pausedOf(connector), { token: TOKEN });
      await (await twin.take()).moveToDelayed(parked.handoff.deadlineAt + 1, TOKEN);
      const of = { connectorId: connector.id, credentialsVersion: 1 };
      await grantToken(space, connector);
      await space.accesses.claim({ ...of, credentialsVersion: 2, lease: "m", what: "token" });
      await space.accesses.fail({ connectorId: connector.id, lease: "m", kind: "unavailable", detail: "503" });
      await space.accesses.refuse({ ...of, credentialsVersion: 2 }, { detail: "401" });
      await space.accesses.drop(connector.id, 3);
      const figures = createOverviewFiguresReader(space.shards);
      await figures.urgency([{ connectorId: connector.id, rate: null }]);
      await figures.states([connector.id]);
      await figures.totals();
      await createClearThrottleAndBreaker(space.shards)(connector.id);
      await twin.expectSame(MARKER);
    },
  },
];

it.each(COMPARISONS.map(({ scripts, title, run }) => [`${scripts}: ${title}`, run] as const))("%s", async (_, run) => {
  const space = await setup();
  await run(space, await createTwin(space));
});

it("leaves out no script that includes what moves jobs", () => {
  const scripts = globSync("*.lua", { cwd: join(import.meta.dirname, "scripts") }).map((file) =>
    basename(file, ".lua"),
  );
  const moving = scripts.filter((name) =>
    readLuaSource(import.meta.dirname, name).includes("local function delay_job("),
  );
  const compared = new Set(COMPARISONS.flatMap(({ scripts }) => scripts.split(", ")));
  expect(moving.filter((name) => !compared.has(name))).toEqual([]);
  expect(moving.length).toBeGreaterThan(10);
});

function fail(): never {
  throw new Error("there is none");
}
