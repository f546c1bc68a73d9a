import { randomUUID } from "node:crypto";
import { expect, it } from "vitest";
import { again, createConnector, DELIVERED, FAR_MS, type Space, setup } from "../testing/space.ts";
import { summarise } from "./upkeep-store.ts";

const LATE = { after: "", afterMs: 5_000, limit: 200 };
const overdue = async ({ upkeep, tag }: Space, options = LATE) => (await upkeep.overdue(tag, options)).overdue.map(({ id }) => id);

it("finds what is late by its due time, queued or sending, and nothing else", async () => {
  const space = await setup();
  const connector = createConnector();
  const [waiting, delayed, retried, sent, over] = [
    await space.queued(connector),
    await space.queued(connector, { delayMs: 30_000 }),
    await space.queued(connector),
    await space.queued(connector),
    await space.queued(connector),
  ];
  await space.settle(connector, await space.sending(connector, retried), again("unreachable", 30_000));
  await space.sending(connector, sent);
  await space.settle(connector, await space.sending(connector, over), DELIVERED);
  expect(await overdue(space)).toEqual([]);
  await space.elapse(5_000);
  expect(await overdue(space)).toEqual([waiting.handoff.id]);
  // One that is being sent is late once its time, the fence and the five seconds are over.
  await space.elapse(5_001);
  expect(await overdue(space)).toEqual([waiting, sent].map(({ handoff }) => handoff.id));
  await space.elapse(30_000);
  expect((await overdue(space)).toSorted()).toEqual([waiting, sent, delayed, retried].map(({ handoff }) => handoff.id).toSorted());
});

it("goes through what is late in steps, from where the last one stopped", async () => {
  const space = await setup();
  const connector = createConnector();
  const ids = [];
  for (let i = 0; i < 7; i++) ids.push((await space.queued(connector, { delayMs: i * 10 })).handoff.id);
  await space.elapse(10_000);
  expect(await inSteps(space, 3)).toEqual(ids);
});

/** Goes through what is late, `limit` at a time, and gives the ids that it saw. `between` is done after each step with what it saw. */
async function inSteps({ upkeep, tag }: Space, limit: number, between = async (_: readonly string[]): Promise<void> => undefined) {
  const seen: string[] = [];
  let after = "";
  do {
    const step = await upkeep.overdue(tag, { after, afterMs: 5_000, limit });
    expect(step.overdue.length).toBeLessThanOrEqual(limit);
    seen.push(...step.overdue.map(({ id }) => id));
    await between(seen);
    after = step.after;
  } while (after !== "");
  return seen;
}

it("leaves none out where more than a step's worth fell due in one millisecond, also when those it saw are gone meanwhile", async () => {
  const space = await setup();
  const connector = createConnector();
  const ids: string[] = [];
  for (let i = 0; i < 11; i++) ids.push((await space.queued(connector)).handoff.id);
  await space.elapse(10_000);
  const at = (await space.now()) - space.elapsed() - 10_000;
  for (const id of ids) await space.redis.zadd(`${space.tag}:due`, String(at), id);
  expect(await inSteps(space, 3)).toEqual(ids.toSorted());
  const endWhatWasSeen = async (seen: readonly string[]) => {
    for (const id of seen) await space.handoffs.cancel(id);
  };
  expect(await inSteps(space, 3, endWhatWasSeen)).toEqual(ids.toSorted());
  expect(await space.redis.zcard(`${space.tag}:due`)).toBe(0);
});

it("gives a lost job's handoff one new generation, whoever asks, and lets the old job be dropped", async () => {
  const { queued, upkeep, begin, elapse } = await setup();
  const connector = createConnector();
  const stored = await queued(connector, { delayMs: 20_000 });
  const taken = { id: stored.handoff.id, generation: stored.generation };
  const answers = await Promise.all(Array.from({ length: 5 }, () => upkeep.requeue(taken)));
  const [requeued, ...more] = answers.filter((answer) => answer !== undefined);
  expect(more).toEqual([]);
  expect(requeued?.generation).toBe(2);
  expect(requeued?.delayMs).toBeGreaterThan(15_000);
  await elapse(20_001);
  expect(await begin(connector, stored)).toEqual({ kind: "drop" });
  expect((await begin(connector, { ...stored, generation: 2 })).kind).toBe("sending");
});

it("lets a worker settle what it sends though its handoff was requeued meanwhile", async () => {
  const { queued, sending, upkeep, settle, begin } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  const attempt = await sending(connector, stored);
  expect(await upkeep.requeue({ id: stored.handoff.id, generation: 1 })).toMatchObject({ generation: 2 });
  expect(await begin(connector, { ...stored, generation: 2 }, { nonce: randomUUID() })).toMatchObject({ kind: "wait" });
  expect(await settle(connector, attempt, DELIVERED)).toMatchObject({ kind: "settled", status: "delivered", generation: 2 });
  expect(await begin(connector, { ...stored, generation: 2 })).toEqual({ kind: "drop" });
});

it("requeues nothing that has ended, and forgets a due time without a record", async () => {
  const space = await setup();
  const letter = await space.die(createConnector());
  expect(await space.upkeep.requeue({ id: letter.handoff.id, generation: 1 })).toBeUndefined();
  const stored = await space.queued(createConnector());
  await space.redis.del(`${space.tag}:h:${stored.handoff.id}`);
  await space.elapse(5_001);
  expect(await overdue(space)).toEqual([stored.handoff.id]);
  expect(await space.upkeep.requeue({ id: stored.handoff.id, generation: 0 })).toBeUndefined();
  expect(await overdue(space)).toEqual([]);
});

it("notes each letter to be filed, and taken out again, until that was done", async () => {
  const { die, replay, deadLetters, upkeep, tag } = await setup();
  const connector = createConnector();
  const [dead, replayed, discarded] = [await die(connector), await die(connector), await die(connector)];
  await replay(replayed);
  await deadLetters.discard(discarded.handoff.id);
  const notes = async () => new Map((await upkeep.unfiled(tag, { afterMs: -FAR_MS, limit: 10 })).map((note) => [note.id, note]));
  expect((await notes()).get(dead.handoff.id)).toMatchObject({ belongs: true, generation: 1, stored: { handoff: { status: "dead" } } });
  expect((await notes()).get(replayed.handoff.id)).toMatchObject({ belongs: false, generation: 1 });
  expect((await notes()).get(discarded.handoff.id)).toMatchObject({ belongs: false, generation: 1 });
  expect(await upkeep.unfiled(tag, { afterMs: 5_000, limit: 10 })).toEqual([]);
  await upkeep.filed({ id: dead.handoff.id, generation: 1 }, true);
  expect([...(await notes()).keys()].toSorted()).toEqual([replayed, discarded].map(({ handoff }) => handoff.id).toSorted());
});

it("keeps the note of a letter that was filed or taken out too late: its handoff had changed meanwhile", async () => {
  const { die, replay, upkeep, tag } = await setup();
  const letter = await die(createConnector());
  const taken = { id: letter.handoff.id, generation: 1 };
  const notes = async () => (await upkeep.unfiled(tag, { afterMs: -FAR_MS, limit: 10 })).map(({ belongs }) => belongs);
  // Somebody takes it out for a replay that never was: the job belongs there.
  await upkeep.filed(taken, false);
  expect(await notes()).toEqual([true]);
  await upkeep.filed(taken, true);
  expect(await notes()).toEqual([]);
  // It is replayed, and its job taken out, before the worker that let it die adds that job.
  await replay(letter);
  await upkeep.filed(taken, false);
  expect(await notes()).toEqual([]);
  await upkeep.filed(taken, true);
  expect(await notes()).toEqual([false]);
});

it("removes what was kept long enough, oldest first and little at a time, and nothing younger", async () => {
  const space = await setup();
  const connector = createConnector();
  const old = [];
  for (let i = 0; i < 5; i++) old.push(await space.die(connector));
  await space.elapse(60_000);
  const young = await space.die(connector);
  const before = (await space.now()) - space.elapsed() - 30_000;
  const removed = [];
  for (const size of [2, 2, 1, 0]) {
    const step = await space.upkeep.prune(space.tag, "dead", { before, limit: 2 });
    expect(step).toHaveLength(size);
    removed.push(...step);
  }
  expect(removed.map(({ id }) => id)).toEqual(old.map(({ handoff }) => handoff.id));
  for (const { handoff } of old) expect(await space.handoffs.read(handoff.id)).toBeUndefined();
  expect((await space.read(young)).handoff.status).toBe("dead");
});

it("leaves no key behind of what it removed, whatever became of it", async () => {
  const space = await setup();
  const connector = createConnector();
  const all = { contactId: "1", sharedId: "s" };
  const delivered = await space.queued(connector, { ...all, idempotency: { key: "k", fingerprints: ["f"], keepMs: 1_000 } });
  await space.settle(connector, await space.sending(connector, delivered), DELIVERED);
  await space.handoffs.cancel((await space.queued(connector, all)).handoff.id);
  const discarded = await space.die(connector, undefined, all);
  await space.deadLetters.discard(discarded.handoff.id);
  await space.die(connector, undefined, all);
  await space.elapse(2_000);
  const before = await space.now();
  expect(await space.upkeep.prune(space.tag, "ended", { before, limit: 50 })).toHaveLength(3);
  expect(await space.upkeep.prune(space.tag, "dead", { before, limit: 50 })).toHaveLength(1);
  const left = (await space.redis.keys(`${space.tag}:*`)).map((key) => key.slice(space.tag.length));
  const owned = [`:c:${connector.id}`, ":filing", ":seq", ":wakes", ":interrupted", ":fingerprints"];
  expect(left.filter((key) => !owned.includes(key) && !key.startsWith(":st:"))).toEqual([]);
});

it("never prunes what is alive", async () => {
  const { queued, sending, upkeep, tag, read, now } = await setup();
  const connector = createConnector();
  const stored = [await queued(connector), await queued(connector)];
  const [first] = stored;
  if (first === undefined) throw new Error("none");
  await sending(connector, first);
  for (const set of ["ended", "dead"] as const)
    expect(await upkeep.prune(tag, set, { before: (await now()) + FAR_MS, limit: 50 })).toEqual([]);
  for (const one of stored) expect((await read(one)).handoff.attempts).toEqual([]);
});

it("tells a dead letter in a few words, and of others nothing", async () => {
  const { die, queued } = await setup();
  const connector = createConnector();
  const letter = await die(connector);
  expect(summarise(letter)).toEqual({
    id: letter.handoff.id,
    connectorId: connector.id,
    reason: "rejected",
    cause: letter.cause,
    diedAt: letter.handoff.endedAt,
  });
  expect(summarise(await queued(connector))).toBeUndefined();
});
