import type { RunScope } from "@baton/domain";
import { expect, it } from "vitest";
import { drain } from "../testing/drain.ts";
import { createRun } from "../testing/run.ts";
import { again, createConnector, DELIVERED, REJECTED, type Space, setup } from "../testing/space.ts";
import type { ClaimedAttempt } from "./claim-script-arguments-and-reply.ts";
import { createCloseConnectorForDeletion } from "./close-connector-for-deletion.ts";
import type { StoredHandoff } from "./handoff-record.ts";
import { createOverviewFiguresReader } from "./read-overview-figures.ts";

const UNKNOWN = [{ kind: "ambiguous" }, { kind: "dead", reason: "unknown" }] as const;

const idOf = ({ handoff }: StoredHandoff) => handoff.id;

it("takes what its plan found, the oldest first over all connectors, and each once", async () => {
  const space = await setup();
  const [a, b] = [createConnector(), createConnector()];
  const dead = [];
  for (const connector of [a, b, b, a]) {
    dead.push(await space.die(connector));
    await space.elapse(10);
  }
  const run = await createRun(space);
  expect(run.found).toMatchObject({
    matched: 4,
    taken: 4,
    mayHaveArrived: 0,
    byReason: { rejected: 4 },
    byConnector: { [a.id]: 2, [b.id]: 2 },
    sampleIds: dead.map(idOf),
  });
  await space.die(a);

  expect(await run.step({ quota: 2 })).toMatchObject({ replayed: 2, skipped: 0, faults: [] });
  expect((await run.page("replayed")).items.map(({ handoffId }) => handoffId).sort()).toEqual(
    dead.slice(0, 2).map(idOf).sort(),
  );
  expect(await run.step()).toMatchObject({ replayed: 2 });
  expect(await run.step()).toMatchObject({ replayed: 0, skipped: 0 });
  expect(await run.counts()).toMatchObject({ replayed: 4, outstanding: 4, skipped: 0 });
  expect(await space.deadLetters.total({})).toBe(1);
});

it("counts how each item ended, exactly, in the script that ends it", async () => {
  const space = await setup();
  const connector = createConnector();
  const dead = [await space.die(connector), await space.die(connector), await space.die(connector)];
  const run = await createRun(space);
  await run.step();
  const { attempts } = await space.claim(connector, { slots: 2 });
  const [first, second] = attempts;
  if (first === undefined || second === undefined) throw new Error("nothing was begun");
  await space.settle(connector, first, DELIVERED);
  await space.settle(connector, first, DELIVERED);
  await space.settle(connector, second, REJECTED);
  await space.handoffs.cancel(idOf(dead[2] as StoredHandoff));

  expect(await run.counts()).toEqual({
    replayed: 2,
    discarded: 0,
    delivered: 1,
    diedAgain: 1,
    outstanding: 0,
    skipped: 1,
    skippedBecause: { cancelled: 1 },
  });
  expect((await run.look()).last.map(({ hasDied }) => hasDied)).toEqual([false, true]);
  const { items } = await run.page();
  expect(items.map(({ result }) => result)).toEqual(["delivered", "died-again", "skipped"]);
  expect(await space.deadLetters.total({})).toBe(1);
  // It is a dead letter like any other again, and of no run.
  expect(await space.replay(dead[1] as StoredHandoff)).toMatchObject({ kind: "replayed" });
  expect(await run.counts()).toMatchObject({ replayed: 2, diedAgain: 1, outstanding: 0 });
});

it("skips what is gone, replayed, discarded, changed or may have arrived since its plan, and says so", async () => {
  const space = await setup();
  const connector = createConnector();
  const die = (verdict = REJECTED) => space.die(connector, verdict);
  const [gone, replayed, discarded, changed, kept] = [await die(), await die(), await die(), await die(), await die()];
  const unknown = await die(UNKNOWN);
  const run = await createRun(space);
  expect(run.found).toMatchObject({ matched: 6, taken: 5, mayHaveArrived: 1 });
  await space.redis.del(`${space.tag}:h:${gone.handoff.id}`);
  await space.replay(changed);
  await space.settle(connector, await space.sending(connector, changed), REJECTED);
  await space.replay(replayed);
  await space.deadLetters.discard(discarded.handoff.id);
  await space.sending(connector, replayed);

  expect(await run.step()).toMatchObject({ replayed: 1, skipped: 5 });
  expect((await run.counts()).skippedBecause).toEqual({
    gone: 1,
    replayed: 1,
    discarded: 1,
    changed: 1,
    "may-have-arrived": 1,
  });
  const skipped = (await run.page("skipped")).items.map(({ handoffId, because }) => [handoffId, because]);
  expect(skipped).toContainEqual([idOf(unknown), "may-have-arrived"]);
  expect((await run.page("replayed")).items.map(({ handoffId }) => handoffId)).toEqual([idOf(kept)]);
  const { items } = await run.items.page(run.run, { because: "changed", limit: 100 });
  expect(items).toMatchObject([{ handoffId: idOf(changed), result: "skipped", because: "changed" }]);
});

it("sends a run's items only once no live handoff of the connector waits, and half of the bucket is left to those", async () => {
  const space = await setup();
  const connector = createConnector({ rate: { perSecond: 1, burst: 4 } });
  const dead = [];
  for (let i = 0; i < 4; i++) dead.push(await space.die(connector));
  await space.elapse(4_000);
  const run = await createRun(space);
  await run.step();
  const live = [await space.queued(connector), await space.queued(connector)];

  const first = await space.claim(connector);
  expect(first.attempts.map(({ id }) => id)).toEqual([...live].map(idOf));
  // Two of four tokens are left, for live ones.
  expect((await space.claim(connector)).attempts).toEqual([]);
  await space.elapse(1_000);
  const second = await space.claim(connector);
  expect(second.attempts.map(({ id }) => id)).toEqual([idOf(dead[0] as StoredHandoff)]);
  expect((await space.claim(connector)).attempts).toEqual([]);
});

it("leaves the rate's slots to live handoffs that fall due soon, as their acceptance counted on", async () => {
  const space = await setup();
  const rate = { perSecond: 1, burst: 20 };
  const connector = createConnector({ rate });
  for (let i = 0; i < 18; i++) await space.die(connector);
  await space.elapse(30_000);
  const live = [];
  for (let i = 0; i < 15; i++) live.push(await space.queued(connector, { rate, delayMs: 5_000, deadlineMs: 1_000 }));
  const run = await createRun(space);
  await run.step();
  await drain(space, connector, { forMs: 60_000 });
  const ended = await Promise.all(live.map(space.read));
  expect(ended.map(({ handoff }) => handoff.status)).toEqual(live.map(() => "delivered"));
  expect(await run.counts()).toMatchObject({ delivered: 18, outstanding: 0 });
});

it("counts its items as queued wherever they wait, and keeps their connector meanwhile", async () => {
  const space = await setup();
  const connector = createConnector();
  // Two of one contact: the second waits behind the first.
  for (const contactId of ["1", "1", "2", "3"]) await space.die(connector, REJECTED, { contactId });
  const run = await createRun(space);
  await run.step();
  const { states, urgency } = createOverviewFiguresReader(space.shards);
  const close = createCloseConnectorForDeletion(space.shards);
  const look = async () => {
    const [[state], [row]] = await Promise.all([
      states([connector.id]),
      urgency([{ connectorId: connector.id, rate: null }]),
    ]);
    return { queued: state?.queued, parked: state?.parked, due: row?.due, waitingFor: row?.waitingFor };
  };
  expect(await look()).toEqual({ queued: 4, parked: 3, due: 3, waitingFor: { order: 1 } });

  // One is being sent, one waits for a retry, one is parked, one is behind the first.
  const { attempts } = await space.claim(connector, { slots: 2 });
  const [first, second] = attempts;
  if (first === undefined || second === undefined) throw new Error("nothing was begun");
  await space.settle(connector, second, again("unreachable", 50_000));
  expect(await look()).toEqual({ queued: 3, parked: 1, due: 1, waitingFor: { order: 1, retry: 1 } });
  expect(await close(connector.id)).toBe(false);

  await space.settle(connector, first, DELIVERED);
  for (let left = 2; left > 0; left--) {
    const { attempts: next } = await space.claim(connector, { slots: 1 });
    for (const attempt of next) await space.settle(connector, attempt, DELIVERED);
  }
  expect(await look()).toEqual({ queued: 1, parked: 0, due: 0, waitingFor: { retry: 1 } });
  expect(await close(connector.id)).toBe(false);
  const { items } = await run.page("replayed");
  expect(items).toHaveLength(1);
  await space.handoffs.cancel(items[0]?.handoffId ?? "");
  expect(await look()).toEqual({ queued: 0, parked: 0, due: 0, waitingFor: {} });
  expect(await close(connector.id)).toBe(true);
});

it("lets a live handoff of the same contact go first, also one that comes later", async () => {
  const space = await setup();
  const connector = createConnector();
  const dead = await space.die(connector, REJECTED, { contactId: "7" });
  const run = await createRun(space);
  await run.step();
  const live = await space.queued(connector, { contactId: "7" });
  const attempt = await space.sending(connector, live);
  await space.settle(connector, attempt, DELIVERED);
  await space.settle(connector, await space.sending(connector, dead), DELIVERED);
  expect(await run.counts()).toMatchObject({ delivered: 1, outstanding: 0 });
});

it.each([
  [
    "fails",
    (space: Space, item: ClaimedAttempt) => space.settle(createConnector(), item, again("unreachable", 10_000)),
  ],
  ["is abandoned", (space: Space, attempt: ClaimedAttempt) => space.deliveries.abandon({ attempt, waitMs: 10_000 })],
  ["loses its worker", (space: Space) => space.elapse(5_001)],
])("lets a live handoff of the same contact go where its own attempt %s, and comes after it", async (_, end) => {
  const space = await setup();
  const connector = createConnector();
  const dead = await space.die(connector, REJECTED, { contactId: "7" });
  const run = await createRun(space);
  await run.step();
  const item = await space.sending(connector, dead);
  const live = await space.queued(connector, { contactId: "7" });
  expect(await space.waits(connector, live)).toBe("order");
  await end(space, item);
  await space.giveBackStalled();
  const attempts: ClaimedAttempt[] = [];
  for (let left = 3; attempts.length === 0 && left > 0; left--)
    attempts.push(...(await space.claim(connector)).attempts);
  expect(attempts.map(({ id }) => id)).toEqual([idOf(live)]);
  for (const attempt of attempts) await space.settle(connector, attempt, DELIVERED);
  await space.elapse(10_001);
  expect((await drain(space, connector)).sent.map(({ id }) => id)).toEqual([idOf(dead)]);
  expect(await run.counts()).toMatchObject({ delivered: 1, outstanding: 0 });
});

it("waits while the connector's gate is closed or a live handoff waits there, and goes on with others meanwhile", async () => {
  const space = await setup();
  const [busy, free] = [createConnector({ rate: { perSecond: 1, burst: 1 } }), createConnector()];
  await space.die(busy);
  await space.die(free);
  await space.queued(busy);
  await space.claim(busy);
  const run = await createRun(space);
  expect((await run.look()).ready.map(({ connectorId }) => connectorId)).toEqual([free.id]);
  expect(await run.step({ connectors: [busy, free].map(({ id }) => ({ id, most: 100 })) })).toMatchObject({
    replayed: 1,
  });
});

it("puts back at most a hundred of a connector at once", async () => {
  const space = await setup();
  const connector = createConnector();
  for (let i = 0; i < 103; i++) await space.die(connector);
  const run = await createRun(space);
  let replayed = 0;
  for (let i = 0; i < 5; i++) {
    const stepped = await run.step();
    replayed += stepped.kind === "stepped" ? stepped.replayed : 0;
  }
  expect(replayed).toBe(100);
});

it("refuses a step of an earlier version, and one that comes late", async () => {
  const space = await setup();
  await space.die(createConnector());
  const run = await createRun(space);
  const { ready } = await run.look();
  const connectors = ready.map(({ connectorId }) => ({ id: connectorId, most: 100 }));
  await run.items.fence(run.run, 2);
  expect(await run.step({ connectors, version: 1 })).toEqual({ kind: "stale" });
  expect(await run.step({ connectors, version: 2, commandDeadline: 0 })).toEqual({ kind: "late" });
  expect(await run.counts()).toMatchObject({ replayed: 0 });
});

it("leaves items whose contact has ended, and takes no others than CXone was asked about", async () => {
  const space = await setup();
  const connector = createConnector();
  const dead = [await space.die(connector), await space.die(connector), await space.die(connector)];
  const run = await createRun(space);
  const [row] = (await run.look()).ready;
  expect(row?.upcoming.map(({ handoffId, contactId }) => [handoffId, contactId])).toEqual(
    dead.map(({ handoff }) => [handoff.id, handoff.contactId]),
  );
  const asked = { id: connector.id, most: 100, place: 0, asked: 2, ended: [idOf(dead[0] as StoredHandoff)] };
  expect(await run.step({ connectors: [asked] })).toMatchObject({ replayed: 1, skipped: 1 });
  // Another worker asked about the same two: they are taken by now.
  expect(await run.step({ connectors: [asked] })).toMatchObject({ replayed: 0, skipped: 0 });
  expect((await run.counts()).skippedBecause).toEqual({ "contact-ended": 1 });
});

it("discards the same way, at once, and forgets their parameters", async () => {
  const space = await setup();
  const dead = await space.die(createConnector());
  const run = await createRun(space);
  expect(await run.step({ isDiscard: true })).toMatchObject({ discarded: 1, replayed: 0 });
  expect((await space.read(dead)).handoff.status).toBe("discarded");
  expect(await space.redis.exists(`${space.tag}:p:${dead.handoff.id}`)).toBe(0);
  expect((await run.page("discarded")).items).toHaveLength(1);
});

it("finds by every filter, each entry once, also where many died in the same millisecond", async () => {
  const space = await setup();
  const [a, b] = [createConnector(), createConnector()];
  const one = await space.die(a, REJECTED, { contactId: "7" });
  await space.die(a, UNKNOWN);
  await space.die(b);
  const matched = async (filter: RunScope["filter"]) => (await createRun(space, { filter })).found.matched;
  expect(await matched({ connectorId: a.id })).toBe(2);
  expect(await matched({ contactId: "7" })).toBe(1);
  expect(await matched({ reason: ["rejected"] })).toBe(2);
  expect(await matched({ reason: ["unknown", "rejected"] })).toBe(3);
  expect(await matched({ connectorId: a.id, reason: ["unknown", "expired"] })).toBe(1);
  const { cause = "" } = await space.read(one);
  expect(await matched({ cause })).toBe(2);
  expect(await matched({ cause, connectorId: b.id })).toBe(1);
  const at = one.handoff.endedAt ?? 0;
  expect(await matched({ to: at })).toBe(0);
  expect(await matched({ from: at, to: at + 1 })).toBeGreaterThanOrEqual(1);

  for (let i = 0; i < 300; i++) await space.die(b);
  const all = await space.redis.zrange(`${space.tag}:dead`, "0", "-1");
  for (const id of all) await space.redis.zadd(`${space.tag}:dead`, String(at), id);
  expect(await matched({})).toBe(303);
});

it("is forgotten whole", async () => {
  const space = await setup();
  const connector = createConnector();
  const dead = await space.die(connector);
  const run = await createRun(space);
  await run.step();
  await run.items.forget(run.run);
  expect(await space.redis.keys(`${space.tag}:run:*`)).toEqual([]);
  // An item that ends later is of no run, and leaves nothing.
  await space.settle(connector, await space.sending(connector, dead), DELIVERED);
  expect(await space.redis.keys(`${space.tag}:run:*`)).toEqual([]);
});
