import { expect, it } from "vitest";
import { drain } from "../testing/drain.ts";
import { again, createConnector, DELIVERED, FAR_FUTURE, FAR_MS, type Space, setup } from "../testing/space.ts";
import type { KnownDestination } from "./delivery-store.ts";
import type { StoredHandoff } from "./handoff-record.ts";
import { createResumeConnector } from "./resume-connector.ts";

type Connector = ReturnType<typeof createConnector>;

const pausedOf = (connector: Connector): Connector => ({ ...connector, paused: true });
const nothingKnown = { worker: "without", destinations: new Map<string, KnownDestination>() };
const known = ({ id }: Connector, destination: KnownDestination) => new Map([[id, destination]]);
const KEYS = { kind: "keys", until: FAR_FUTURE } as const;
const REFUSED = { kind: "refused", until: FAR_FUTURE, reason: "credentials", detail: "wrong keys | again", httpStatus: 401 } as const;

async function queueMany({ queued }: Space, connector: Connector, count: number): Promise<readonly StoredHandoff[]> {
  const stored = [];
  for (let i = 0; i < count; i++) stored.push(await queued(connector));
  return stored;
}

/** throttle has CXone ask for `holdMs`; gives the handoff that met it, which waits for an hour of its own. */
async function throttle(space: Space, connector: Connector, holdMs: number): Promise<StoredHandoff> {
  const stored = await space.queued(connector, { deadlineMs: 7_200_000 });
  await space.settle(connector, await space.sending(connector, stored), again("throttled", 3_600_000, { holdMs }));
  return stored;
}

/** breakOpen lets twenty signals fail, and none of those before count. */
async function breakOpen(space: Space, connector: Connector): Promise<void> {
  await space.elapse(10_000);
  await queueMany(space, connector, 20);
  const { attempts } = await space.claim(connector);
  for (const attempt of attempts) await space.settle(connector, attempt, again("unreachable", 30_000));
}

/** failToken has the token endpoint answer 503 to the one who asked, for `retryAfterMs`. */
async function failToken({ accesses }: Space, { id }: Connector, retryAfterMs: number): Promise<void> {
  await accesses.claim({ connectorId: id, basis: 1, lease: "l", what: "token" });
  await accesses.fail({ connectorId: id, lease: "l", kind: "unavailable", detail: "503", retryAfterMs });
}

async function grantToken({ accesses }: Space, { id }: Connector): Promise<void> {
  await accesses.claim({ connectorId: id, basis: 1, lease: "l", what: "token" });
  await accesses.grant({ connectorId: id, lease: "l", access: "sealed", version: "1", lifetimeMs: FAR_MS, renewAfterMs: FAR_MS });
}

it("keeps each reason's own moment, opens with the latest, and is shown as the first of them", async () => {
  const space = await setup();
  const { waits, elapse } = space;
  const connector = createConnector({ deadlineMs: 3_600_000, rate: { perSecond: 1_000, burst: 1_000 } });
  await throttle(space, connector, 60_000);
  await failToken(space, connector, 30_000);
  const stored = await space.queued(connector);
  expect(await waits(pausedOf(connector), stored)).toBe("pause");
  await elapse(5_000);
  // The pause goes: the token is missing still. Then there is one: CXone's Retry-After holds on, and then nothing.
  expect(await waits(connector, stored, nothingKnown)).toBe("token");
  await elapse(25_001);
  expect(await waits(connector, stored, { version: 2 })).toBe("throttle");
  await elapse(29_000);
  expect(await waits(connector, stored)).toBe("throttle");
  await elapse(2_000);
  expect((await space.claim(connector)).attempts).toMatchObject([{ id: stored.handoff.id }]);
});

it("keeps the whole connector still for as long as CXone asked, and no other one", async () => {
  const space = await setup();
  const [connector, other] = [createConnector(), createConnector()];
  await throttle(space, connector, 20_000);
  const waiting = await space.queued(connector);
  expect(waiting.handoff.waitingFor).toBe("throttle");
  const { attempts, nextAt } = await space.claim([connector, other]);
  expect(attempts).toEqual([]);
  expect((nextAt ?? 0) + space.elapsed() - (await space.now())).toBeGreaterThan(19_000);
  expect((await space.claim(other, { destinations: new Map() })).attempts).toEqual([]);
  expect((await space.sending(other, await space.queued(other))).connectorId).toBe(other.id);
  await space.elapse(20_001);
  expect((await space.claim(connector)).attempts).toMatchObject([{ id: waiting.handoff.id }]);
});

it("never shortens what CXone asked for", async () => {
  const space = await setup();
  const connector = createConnector();
  await queueMany(space, connector, 2);
  const [long, short] = (await space.claim(connector)).attempts;
  if (long === undefined || short === undefined) throw new Error("none");
  await space.settle(connector, long, again("throttled", 30_000, { holdMs: 30_000 }));
  await space.settle(connector, short, again("throttled", 1_000, { holdMs: 1_000 }));
  await space.elapse(20_000);
  expect(await space.waits(connector, await space.queued(connector))).toBe("throttle");
});

it("probes one at a time behind CXone's Retry-After, until a 2xx lifts it", async () => {
  const space = await setup();
  const connector = createConnector({ deadlineMs: 3_600_000 });
  await throttle(space, connector, 5_000);
  const waiting = await queueMany(space, connector, 5);
  await space.claim(connector);
  await space.elapse(5_001);
  const [probe, ...others] = (await space.claim(connector)).attempts;
  expect(others).toEqual([]);
  expect(await space.waits(connector, waiting[4] ?? fail())).toBe("throttle");
  // An answer that is none of CXone's being back lets the next one probe.
  await space.settle(connector, probe ?? fail(), again("ambiguous", 1_800_000));
  const [second, ...more] = (await space.claim(connector)).attempts;
  expect(more).toEqual([]);
  await space.settle(connector, second ?? fail(), DELIVERED);
  expect((await drain(space, connector, { forMs: 1_000 })).sent).toHaveLength(3);
});

it("asks again for as long as CXone does, each time for one probe", async () => {
  const space = await setup();
  const connector = createConnector({ deadlineMs: 3_600_000 });
  await throttle(space, connector, 5_000);
  await queueMany(space, connector, 5);
  const { sent } = await drain(space, connector, {
    forMs: 16_000,
    answer: () => again("throttled", 1_800_000, { holdMs: 5_000 }),
  });
  expect(sent).toHaveLength(3);
});

it("gives the probe's place to the next one once its worker died and the fence is over", async () => {
  const space = await setup();
  const connector = createConnector({ deadlineMs: 3_600_000, attemptTimeoutMs: 10_000 });
  await throttle(space, connector, 5_000);
  await queueMany(space, connector, 3);
  await space.claim(connector);
  await space.elapse(5_001);
  expect((await space.claim(connector)).attempts).toHaveLength(1);
  await space.elapse(11_000);
  expect((await space.claim(connector)).attempts).toEqual([]);
  await space.elapse(1_001);
  expect((await space.claim(connector)).attempts).toHaveLength(1);
});

it("learns nothing from a probe of which nothing left, and lets the next one probe", async () => {
  const space = await setup();
  const connector = createConnector({ deadlineMs: 3_600_000 });
  await throttle(space, connector, 5_000);
  await queueMany(space, connector, 3);
  await space.claim(connector);
  await space.elapse(5_001);
  const [probe] = (await space.claim(connector)).attempts;
  await space.deliveries.abandon({ attempt: probe ?? fail(), waitMs: 0 });
  const { attempts } = await space.claim(connector);
  expect(attempts).toHaveLength(1);
  expect((await space.claim(connector)).attempts).toEqual([]);
});

it("opens for an operator, who knows better than Retry-After, the breaker and a token endpoint that was down", async () => {
  const space = await setup();
  const resume = createResumeConnector(space.shards);
  const connector = createConnector({ deadlineMs: 3_600_000, rate: { perSecond: 100, burst: 100 } });
  const failed = await throttle(space, connector, 600_000);
  const waiting = await queueMany(space, connector, 10);
  await space.claim(connector);
  await failToken(space, connector, 60_000);
  await space.claim(connector, nothingKnown);
  expect(await resume(connector.id)).toEqual(["throttle", "token"]);
  expect(await resume(connector.id)).toEqual([]);
  // With them who got the Retry-After, and whose own wait was as long.
  const { sent } = await drain(space, connector, { forMs: 500 });
  const freed = [failed, ...waiting].map(({ handoff }) => handoff.id);
  expect(sent.map(({ id }) => id).toSorted()).toEqual(freed.toSorted());
  await breakOpen(space, connector);
  expect(await resume(connector.id)).toEqual(["breaker"]);
  await space.elapse(10);
  expect((await space.sending(connector, await space.queued(connector))).number).toBe(1);
});

it("leaves paused what an operator resumes at a gate: that is the connector's own", async () => {
  const space = await setup();
  const connector = createConnector();
  const stored = await space.queued(connector);
  expect(await space.waits(pausedOf(connector), stored)).toBe("pause");
  expect(await createResumeConnector(space.shards)(connector.id)).toEqual([]);
  expect(await space.waits(pausedOf(connector), stored)).toBe("pause");
});

it("lets nobody go while the connector or everything is paused, looks again each second, and goes on by itself", async () => {
  const space = await setup();
  const connector = createConnector();
  const stored = await queueMany(space, connector, 3);
  for (const [by, everything] of [
    [pausedOf(connector), "running"],
    [connector, "paused"],
  ] as const) {
    await space.elapse(2_001);
    const { attempts, nextAt } = await space.claim(by, { everything });
    expect(attempts).toEqual([]);
    expect((nextAt ?? 0) - ((await space.now()) - space.elapsed())).toBeLessThanOrEqual(1_000);
    expect((await space.read(stored[2] ?? fail())).handoff.waitingFor).toBe("pause");
  }
  await space.elapse(1_001);
  expect((await drain(space, connector, { forMs: 1_000 })).sent).toHaveLength(3);
});

it("looks at every gate at once when everything goes on", async () => {
  const space = await setup();
  const connectors = [createConnector(), createConnector(), createConnector()];
  for (const connector of connectors) await space.queued(connector);
  expect((await space.claim(connectors, { everything: "paused" })).attempts).toEqual([]);
  expect((await space.claim(connectors, { everything: "running" })).attempts).toEqual([]);
  const { nextAt } = await space.claim(connectors, { everything: "resumed" });
  // Each of them finds its bucket empty, and is looked at again as soon as there is a token.
  expect(nextAt).toBeLessThanOrEqual((await space.now()) + 5);
  await space.elapse(5);
  expect((await space.claim(connectors)).attempts).toHaveLength(3);
});

it("lets nobody die of refused keys or a lost token while all is paused: a pause is the time to mend them", async () => {
  const space = await setup();
  const connector = createConnector();
  const [early, late] = [await space.queued(connector), await space.queued(connector)];
  expect(await space.waits(pausedOf(connector), early)).toBe("pause");
  expect(await space.waits(connector, late, { everything: "paused", destinations: known(connector, REFUSED) })).toBe("pause");
  expect(await space.waits(connector, early, { everything: "paused" })).toBe("pause");
  expect((await drain(space, connector, { change: { version: 2 } })).sent).toHaveLength(2);
});

it("waits for a token while nobody has one, and goes once it is there", async () => {
  const space = await setup();
  const connector = createConnector();
  const [stored] = await queueMany(space, connector, 3);
  const asked = await space.claim(connector, nothingKnown);
  expect(asked).toMatchObject({ attempts: [], lacking: [connector.id] });
  await failToken(space, connector, 30_000);
  const waiting = await space.claim(connector, nothingKnown);
  expect(waiting).toMatchObject({ attempts: [], lacking: [] });
  expect((await space.read(stored ?? fail())).handoff.waitingFor).toBe("token");
  // Whoever sees to it then is told to fetch again.
  await space.elapse(30_001);
  expect(await space.claim(connector, nothingKnown)).toMatchObject({ attempts: [], lacking: [connector.id] });
  await grantToken(space, connector);
  expect((await drain(space, connector)).sent).toHaveLength(3);
});

it("asks nobody to fetch while another process does", async () => {
  const space = await setup();
  const connector = createConnector();
  await space.queued(connector);
  await space.accesses.claim({ connectorId: connector.id, basis: 1, lease: "l", what: "token" });
  const { lacking, nextAt } = await space.claim(connector, nothingKnown);
  expect(lacking).toEqual([]);
  expect(nextAt).toBeGreaterThan((await space.now()) + 1_000);
  await grantToken(space, connector);
  expect(await space.claim(connector, nothingKnown)).toMatchObject({ lacking: [connector.id] });
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
    expect((await space.read(stored ?? fail())).handoff).toMatchObject({ status: "dead", reason: "credentials", attempts: [] });
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
  expect(await space.claim(connector, keyless)).toMatchObject({ attempts: [], lacking: [] });
  expect((await space.claim(connector, { slots: 1 })).attempts).toHaveLength(1);
  await space.elapse(50);
  // A worker at the limit of this connector leaves them to the others, too.
  expect((await space.claim(connector, { worker: "full", freeSlots: new Map([[connector.id, 0]]) })).attempts).toEqual([]);
  await space.elapse(50);
  expect((await space.claim(connector)).attempts).toHaveLength(1);
});

it("shows that a key is missing, or a worker's share used up, where no worker can go on", async () => {
  const space = await setup();
  const [connector, other] = [createConnector(), createConnector()];
  const [stored, full] = [await space.queued(connector), await space.queued(other)];
  expect(await space.waits(connector, stored, { worker: "keyless", destinations: known(connector, KEYS) })).toBe("keys");
  expect(await space.waits(other, full, { freeSlots: new Map([[other.id, 0]]) })).toBe("share");
  // A worker that frees a slot looks at once.
  expect((await space.claim(other, { freeSlots: new Map([[other.id, 1]]) })).attempts).toHaveLength(1);
});

it("lets whoever comes go at once where all who were parked have gone before", async () => {
  const space = await setup();
  const connector = createConnector();
  const parked = await space.queued(connector);
  await space.claim(connector, { limit: 0 });
  await space.elapse(50);
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
  await createResumeConnector(space.shards)(connector.id);
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

it("looks no more at a connector that nobody waits for", async () => {
  const space = await setup();
  const connector = createConnector();
  await queueMany(space, connector, 2);
  await space.claim(pausedOf(connector));
  expect(await space.redis.zrange(`${space.tag}:gates`, "0", "-1")).toEqual([connector.id]);
  await drain(space, connector);
  expect(await space.redis.zrange(`${space.tag}:gates`, "0", "-1")).toEqual([]);
});

function fail(): never {
  throw new Error("there is none");
}
