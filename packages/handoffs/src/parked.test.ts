import { expect, it } from "vitest";
import { drain } from "../testing/drain.ts";
import {
  fail,
  failToken,
  grantToken,
  KEYS,
  known,
  nothingKnown,
  pausedOf,
  queueMany,
  REFUSED,
} from "../testing/gate.ts";
import { createConnector, setup } from "../testing/space.ts";
import { createClearThrottleAndBreaker } from "./clear-throttle-and-breaker.ts";

it("waits for a token while no process has one, and goes once it is there", async () => {
  const space = await setup();
  const connector = createConnector();
  const [stored] = await queueMany(space, connector, 3);
  const asked = await space.claim(connector, nothingKnown);
  expect(asked).toMatchObject({ attempts: [], missingDestinations: [connector.id] });
  await failToken(space, connector, 30_000);
  const waiting = await space.claim(connector, nothingKnown);
  expect(waiting).toMatchObject({ attempts: [], missingDestinations: [] });
  expect((await space.read(stored ?? fail())).handoff.waitingFor).toBe("token");
  // The next claim asks its worker to fetch again.
  await space.elapse(30_001);
  expect(await space.claim(connector, nothingKnown)).toMatchObject({
    attempts: [],
    missingDestinations: [connector.id],
  });
  await grantToken(space, connector);
  expect((await drain(space, connector)).sent).toHaveLength(3);
});

it("asks no worker to fetch while another process does", async () => {
  const space = await setup();
  const connector = createConnector();
  await space.queued(connector);
  await space.accesses.claim({ connectorId: connector.id, credentialsVersion: 1, lease: "l", what: "token" });
  const { missingDestinations, nextAt } = await space.claim(connector, nothingKnown);
  expect(missingDestinations).toEqual([]);
  expect(nextAt).toBeGreaterThan((await space.now()) + 1_000);
  await grantToken(space, connector);
  expect(await space.claim(connector, nothingKnown)).toMatchObject({ missingDestinations: [connector.id] });
});

it("ends what waits for refused keys with the answer of CXone's token endpoint, and without an attempt", async () => {
  const space = await setup();
  const connector = createConnector();
  await space.claim(connector, nothingKnown);
  const [parked] = await queueMany(space, connector, 1);
  await space.claim(connector, nothingKnown);
  const [comes] = await queueMany(space, connector, 1);
  const { attempts } = await space.claim(connector, { destinations: known(connector, REFUSED) });
  expect(attempts).toEqual([]);
  for (const stored of [parked, comes]) {
    expect((await space.read(stored ?? fail())).handoff).toMatchObject({
      status: "dead",
      reason: "credentials",
      attempts: [],
    });
  }
  const failure = { reason: "credentials", httpStatus: 401, detail: "wrong keys | again", count: 2 };
  expect(await space.deadLetters.causesOf(connector.id)).toMatchObject([failure]);
  expect(await space.redis.keys(`${space.tag}:handoffs:ho_*`)).toEqual([]);
});

it("closes no gate for a worker's own trouble: another one takes what this one cannot", async () => {
  const space = await setup();
  const connector = createConnector();
  await queueMany(space, connector, 2);
  const keyless = { worker: "keyless", destinations: known(connector, KEYS) };
  expect(await space.claim(connector, keyless)).toMatchObject({ attempts: [], missingDestinations: [] });
  expect((await space.claim(connector, { slots: 1 })).attempts).toHaveLength(1);
  // A worker at the limit of this connector leaves them to the others, too.
  expect((await space.claim(connector, { worker: "full", freeSlots: new Map([[connector.id, 0]]) })).attempts).toEqual(
    [],
  );
  expect((await space.claim(connector)).attempts).toHaveLength(1);
});

it("wakes another worker for what one cannot take, once, and has that one not ask for it again", async () => {
  const space = await setup();
  const { redis, tag } = space;
  const connector = createConnector();
  const wakes = () => redis.zscore(`${tag}:handoffs:marker`, "2");
  const [parked] = await queueMany(space, connector, 1);
  const unable = [
    { worker: "keyless", destinations: known(connector, KEYS) },
    { worker: "full", freeSlots: new Map([[connector.id, 0]]) },
    { worker: "new", destinations: new Map([[connector.id, undefined]]) },
  ];
  for (const change of unable) {
    await redis.del(`${tag}:handoffs:marker`);
    const { nextAt } = await space.claim(connector, change);
    expect(nextAt).toBeGreaterThanOrEqual(parked?.handoff.deadlineAt ?? fail());
    expect(Number((await wakes()) ?? fail())).toBeLessThanOrEqual(await space.now());
  }
  await redis.del(`${tag}:handoffs:marker`);
  for (const change of unable) await space.claim(connector, { ...change, destinations: new Map() });
  expect(await wakes()).toBeNull();
});

it("wakes another worker for each handoff that it parks because only it cannot take it", async () => {
  const space = await setup();
  const { redis, tag } = space;
  const connector = createConnector();
  const full = { worker: "full", freeSlots: new Map([[connector.id, 0]]) };
  for (let i = 0; i < 2; i++) {
    await space.queued(connector);
    await redis.del(`${tag}:handoffs:marker`);
    await space.claim(connector, full);
    expect(Number((await redis.zscore(`${tag}:handoffs:marker`, "2")) ?? fail())).toBeLessThanOrEqual(
      await space.now(),
    );
  }
});

it("finds a gate that it may pass behind any number that it may not", async () => {
  const space = await setup();
  const full = Array.from({ length: 40 }, () => createConnector());
  const open = createConnector();
  for (const connector of [...full, open]) await space.queued(connector);
  await space.claim([...full, open], { limit: 0 });
  const freeSlots = new Map(full.map(({ id }) => [id, 0]));
  await space.claim([...full, open], { freeSlots: new Map([...freeSlots, [open.id, 0]]) });
  await space.elapse(900);
  const begun = [1, 2].map(async () => (await space.claim([...full, open], { freeSlots })).attempts);
  expect((await Promise.all(begun)).flat().map(({ connectorId }) => connectorId)).toEqual([open.id]);
});

it("shows that a key is missing, or a worker's share used up, where no worker can go on", async () => {
  const space = await setup();
  const [connector, other] = [createConnector(), createConnector()];
  const [stored, full] = [await space.queued(connector), await space.queued(other)];
  expect(await space.waits(connector, stored, { worker: "keyless", destinations: known(connector, KEYS) })).toBe(
    "keys",
  );
  expect(await space.waits(other, full, { freeSlots: new Map([[other.id, 0]]) })).toBe("share");
  // A worker that frees a slot looks at once.
  expect((await space.claim(other, { freeSlots: new Map([[other.id, 1]]) })).attempts).toHaveLength(1);
});

it("opens the gate of a connector at once that has any number of slots again", async () => {
  const space = await setup();
  const connector = createConnector();
  for (let i = 0; i < 6; i++) await space.queued(connector);
  expect((await space.claim(connector, { limit: 2 })).attempts).toHaveLength(2);
  expect((await space.claim(connector, { limit: 2, freeSlots: new Map([[connector.id, 0]]) })).attempts).toEqual([]);
  // All of them ended before the next claim: the connector is not near its limit, so the claim does not name it.
  expect((await space.claim(connector, { limit: 2 })).attempts).toHaveLength(2);
  expect((await space.claim(connector, { limit: 2 })).attempts).toHaveLength(2);
});

it("lets a new one go at once where all that were parked have gone before", async () => {
  const space = await setup();
  const connector = createConnector();
  const parked = await space.queued(connector);
  await space.claim(connector, { limit: 0 });
  await space.elapse(900);
  const comes = await space.queued(connector);
  const { attempts } = await space.claim(connector);
  expect(attempts.map(({ id }) => id)).toEqual([parked, comes].map(({ handoff }) => handoff.id));
});

it("wakes a blocked worker for a gate that opens, and keeps that moment whatever else is written", async () => {
  const space = await setup();
  const { redis, tag } = space;
  const connector = createConnector();
  const marker = () => redis.zrange(`${tag}:handoffs:marker`, "0", "-1", "WITHSCORES");
  await queueMany(space, connector, 1);
  await space.claim(connector, nothingKnown);
  await failToken(space, connector, 30_000);
  // At its limit, it leaves the moment to another worker.
  await space.claim(connector, { ...nothingKnown, slots: 0 });
  const [, at] = await redis.zrange(`${tag}:gates`, "0", "0", "WITHSCORES");
  expect(await marker()).toEqual(expect.arrayContaining(["2"]));
  await redis.del(`${tag}:handoffs:marker`);
  await space.claim(connector, { ...nothingKnown, slots: 0 });
  expect(await marker()).toEqual(expect.arrayContaining(["2", at]));
  await space.queued(createConnector(), { delayMs: 5 });
  await space.queued(createConnector());
  expect(await marker()).toEqual(expect.arrayContaining(["0", "1", "2", at]));
  // A token that comes early opens it at once.
  await createClearThrottleAndBreaker(space.shards)(connector.id);
  const moments = await marker();
  expect(Number(moments[moments.indexOf("2") + 1])).toBeLessThan(Number(at));
});

it("ends what is past its deadline at a closed gate, and passes over what was cancelled there", async () => {
  const space = await setup();
  const connector = createConnector();
  const [expired, cancelled, last] = [
    await space.queued(connector, { deadlineMs: 1_000 }),
    await space.queued(connector),
    await space.queued(connector),
  ];
  await space.claim(pausedOf(connector));
  await space.handoffs.cancel(cancelled.handoff.id);
  await space.elapse(1_001);
  const { sent } = await drain(space, connector);
  expect(sent.map(({ id }) => id)).toEqual([last.handoff.id]);
  expect((await space.read(expired)).handoff).toMatchObject({ status: "dead", reason: "expired" });
});

it("looks no more at a connector that no handoff waits for", async () => {
  const space = await setup();
  const connector = createConnector();
  await queueMany(space, connector, 2);
  await space.claim(pausedOf(connector));
  expect(await space.redis.zrange(`${space.tag}:gates`, "0", "-1")).toEqual([connector.id]);
  await drain(space, connector);
  expect(await space.redis.zrange(`${space.tag}:gates`, "0", "-1")).toEqual([]);
});
