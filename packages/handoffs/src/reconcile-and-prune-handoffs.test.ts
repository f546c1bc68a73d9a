import { expect, it } from "vitest";
import { again, createConnector, DELIVERED, FAR_MS, type Space, setup } from "../testing/space.ts";
import { RECONCILE_START } from "./reconcile-and-prune-handoffs.ts";

const LATE = { from: RECONCILE_START, afterMs: 5_000, limit: 200 };
const FENCE_MS = 2_000;

const repaired = async ({ maintenance, tag }: Space, options = LATE) =>
  (await maintenance.reconcile(tag, options)).repaired;

/** loseJobs takes all jobs away, as nothing of ours does. */
async function loseJobs({ redis, tag }: Space): Promise<void> {
  const keys = await redis.keys(`${tag}:handoffs:*`);
  if (keys.length > 0) await redis.del(...keys);
}

it("gives a job to what has none, once it is late by its own moment, queued or sending, and to nothing else", async () => {
  const space = await setup();
  const connector = createConnector();
  const [over, retried, sent] = [
    await space.queued(connector),
    await space.queued(connector),
    await space.queued(connector),
  ];
  await space.settle(connector, await space.sending(connector, over), DELIVERED);
  await space.settle(connector, await space.sending(connector, retried), again("unreachable", 30_000));
  await space.sending(connector, sent);
  const [waiting, delayed] = [await space.queued(connector), await space.queued(connector, { delayMs: 30_000 })];
  await loseJobs(space);
  expect(await repaired(space)).toEqual([]);
  await space.elapse(5_000);
  expect(await repaired(space)).toEqual([waiting.handoff.id]);
  // One that is being sent is late once its time, the fence and the five seconds are over.
  await space.elapse(5_001);
  expect(await repaired(space)).toEqual([sent.handoff.id]);
  await space.elapse(30_000);
  expect((await repaired(space)).toSorted()).toEqual([delayed, retried].map(({ handoff }) => handoff.id).toSorted());
  const { attempts } = await space.claim(connector);
  expect(attempts.map(({ id, generation }) => [id, generation]).toSorted()).toEqual(
    [waiting, sent, delayed, retried].map(({ handoff }) => [handoff.id, 2]).toSorted(),
  );
});

it("leaves alone what has its job, however late its worker is", async () => {
  const space = await setup();
  const connector = createConnector();
  const stored = [
    await space.queued(connector),
    await space.queued(connector, { contactId: "1" }),
    await space.queued(connector, { contactId: "1" }),
  ];
  const [sent] = (await space.claim(connector, { slots: 1 })).attempts;
  await space.claim({ ...connector, paused: true });
  await space.elapse(30_000);
  expect(await repaired(space)).toEqual([]);
  expect(sent?.id).toBe(stored[0]?.handoff.id);
  expect((await space.read(stored[2] ?? fail())).generation).toBe(1);
});

it("gives one new generation, also to two that ask at the same time", async () => {
  const space = await setup();
  const connector = createConnector();
  const { handoff } = await space.queued(connector);
  await loseJobs(space);
  await space.elapse(5_001);
  const answers = await Promise.all(Array.from({ length: 5 }, () => repaired(space)));
  expect(answers.flat()).toEqual([handoff.id]);
  expect((await space.claim(connector)).attempts).toMatchObject([{ id: handoff.id, generation: 2 }]);
});

it("lets a worker settle what it sends though its job was lost and made anew meanwhile", async () => {
  const space = await setup();
  const connector = createConnector({ attemptTimeoutMs: 30_000 });
  const stored = await space.queued(connector);
  const attempt = await space.sending(connector, stored);
  await loseJobs(space);
  await space.elapse(30_000 + FENCE_MS - 500);
  expect(await space.maintenance.reconcile(space.tag, { ...LATE, afterMs: -1_000 })).toMatchObject({
    repaired: [stored.handoff.id],
  });
  expect((await space.claim(connector)).attempts).toEqual([]);
  expect(await space.settle(connector, attempt, DELIVERED)).toMatchObject({ kind: "settled", status: "delivered" });
  await space.elapse(10_000);
  expect((await space.claim(connector)).attempts).toEqual([]);
  expect(await space.redis.keys(`${space.tag}:handoffs:ho_*`)).toEqual([]);
});

it("ends what is past its deadline, also where no worker claims", async () => {
  const space = await setup();
  const connector = createConnector();
  const [waiting, parked] = [
    await space.queued(connector, { deadlineMs: 1_000 }),
    await space.queued(connector, { deadlineMs: 2_000 }),
  ];
  await space.claim({ ...connector, paused: true });
  await space.elapse(7_002);
  expect(await repaired(space)).toEqual([]);
  const states = await space.redis.hmget(`${space.tag}:h:${waiting.handoff.id}`, "st", "why");
  expect(states).toEqual(["dead", "expired"]);
  expect(await space.redis.hget(`${space.tag}:h:${parked.handoff.id}`, "st")).toBe("dead");
  expect(await space.deliveries.takeUnreportedEvents(space.tag, 10)).toHaveLength(2);
});

it("goes through what is late in steps, also where hundreds of one millisecond stay as they are", async () => {
  const space = await setup();
  const { redis, tag, maintenance } = space;
  const connector = createConnector();
  for (let i = 0; i < 25; i++) await space.queued(connector);
  const now = await space.now();
  for (const id of await redis.zrange(`${tag}:due`, "0", "-1")) await redis.zadd(`${tag}:due`, now, id);
  await space.elapse(10);
  const { handoff: lost } = await space.queued(connector);
  await redis.del(`${tag}:handoffs:${lost.id}-1`);
  await space.elapse(6_000);
  const found: string[] = [];
  let from = RECONCILE_START;
  let steps = 0;
  do {
    const step = await maintenance.reconcile(tag, { from, afterMs: 5_000, limit: 10 });
    found.push(...step.repaired);
    from = step.next;
    steps += 1;
  } while (from.at > 0);
  expect(found).toEqual([lost.id]);
  expect(steps).toBe(3);
});

it("forgets a moment without a record, and leaves another version's record to that version", async () => {
  const space = await setup();
  const connector = createConnector();
  const [gone, other] = [await space.queued(connector), await space.queued(connector)];
  await loseJobs(space);
  await space.redis.del(`${space.tag}:h:${gone.handoff.id}`);
  await space.redis.hset(`${space.tag}:h:${other.handoff.id}`, "v", "99");
  await space.elapse(5_001);
  expect(await space.maintenance.reconcile(space.tag, LATE)).toMatchObject({ repaired: [], faults: [] });
  expect(await space.redis.zrange(`${space.tag}:due`, "0", "-1")).toEqual([other.handoff.id]);
});

it("removes what was kept long enough, oldest first and little at a time, and nothing younger", async () => {
  const space = await setup();
  const connector = createConnector();
  const old = [];
  for (let i = 0; i < 5; i++) old.push(await space.die(connector));
  await space.elapse(60_000);
  const young = await space.die(connector);
  const before = (await space.now()) - space.elapsed() - 30_000;
  for (const size of [2, 2, 1, 0])
    expect(await space.maintenance.prune(space.tag, "dead", { before, limit: 2 })).toBe(size);
  for (const { handoff } of old) expect(await space.handoffs.read(handoff.id)).toBeUndefined();
  expect((await space.read(young)).handoff.status).toBe("dead");
  expect(await space.redis.zrange(`${space.tag}:dead-letters:prioritized`, "0", "-1")).toEqual([
    `${young.handoff.id}-1`,
  ]);
});

it("leaves no key behind of what it removed, whatever became of it", async () => {
  const space = await setup();
  const connector = createConnector();
  const all = { contactId: "1", sharedId: "s" };
  const delivered = await space.queued(connector, {
    ...all,
    idempotency: { key: "k", fingerprints: ["f"], keepMs: 1_000 },
  });
  await space.settle(connector, await space.sending(connector, delivered), DELIVERED);
  await space.handoffs.cancel((await space.queued(connector, all)).handoff.id);
  await space.claim(connector);
  const discarded = await space.die(connector, undefined, all);
  await space.deadLetters.discard(discarded.handoff.id);
  await space.die(connector, undefined, all);
  await space.queued(connector, { ...all, deadlineMs: 1_000 });
  await space.elapse(2_000);
  await space.claim(connector);
  const before = await space.now();
  expect(await space.maintenance.prune(space.tag, "ended", { before, limit: 50 })).toBe(3);
  expect(await space.maintenance.prune(space.tag, "dead", { before, limit: 50 })).toBe(2);
  const left = (await space.redis.keys(`${space.tag}:*`)).map((key) => key.slice(space.tag.length));
  // What is the connector's, the worker's, or of all together.
  const owned = [
    /^:c:/,
    /^:worker:/,
    /^:deliveries:/,
    /^:minutes:/,
    /^:notes$/,
    /^:meta$/,
    /^:handoffs:marker$/,
    /^:dead-letters:pc$/,
  ];
  expect(left.filter((key) => !owned.some((pattern) => pattern.test(key)))).toEqual([]);
});

it("never prunes what is alive", async () => {
  const { queued, sending, maintenance, tag, read, now } = await setup();
  const connector = createConnector();
  const stored = [await queued(connector), await queued(connector)];
  await sending(connector, stored[0] ?? fail());
  for (const set of ["ended", "dead"] as const) {
    expect(await maintenance.prune(tag, set, { before: (await now()) + FAR_MS, limit: 50 })).toBe(0);
  }
  for (const one of stored) expect((await read(one)).handoff.attempts).toEqual([]);
});

it("answers a repeat how its handoff ended, also once that is pruned", async () => {
  const space = await setup();
  const connector = createConnector();
  const idempotency = { key: "k", fingerprints: ["f"], keepMs: FAR_MS };
  const stored = await space.queued(connector, { idempotency });
  await space.settle(connector, await space.sending(connector, stored), DELIVERED);
  await space.maintenance.prune(space.tag, "ended", { before: (await space.now()) + 1, limit: 50 });
  expect(await space.handoffs.read(stored.handoff.id)).toBeUndefined();
  const again = {
    kind: "repeated",
    stored: { handoff: { id: stored.handoff.id, status: "delivered", attempts: [{ outcome: "accepted" }] } },
  };
  expect(await space.accept(connector, { idempotency })).toMatchObject(again);
});

function fail(): never {
  throw new Error("there is none");
}

it("forgets a day later what was counted of deliveries", async () => {
  const space = await setup();
  const connector = createConnector();
  const counted = async () => [
    ...(await space.redis.keys(`${space.tag}:deliveries:*`)),
    ...(await space.redis.keys(`${space.tag}:minutes:*`)),
  ];
  await space.settle(connector, await space.sending(connector, await space.queued(connector)), DELIVERED);
  expect((await counted()).length).toBeGreaterThanOrEqual(3);
  await space.elapse(26 * 3_600_000);
  expect(await counted()).toEqual([]);
});
