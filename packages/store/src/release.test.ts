import { expect, it } from "vitest";
import { again, createConnector, DELIVERED, FAR_MS, type Space, setup } from "../testing/space.ts";
import type { StoredHandoff } from "./handoff-record.ts";
import { createLiftHold } from "./lift-hold.ts";

type Connector = ReturnType<typeof createConnector>;

async function held(count: number, delivery = {}) {
  const space = await setup();
  const connector = createConnector({ deadlineMs: 3_600_000, ...delivery });
  const paused: Connector = { ...connector, paused: true };
  const stored: StoredHandoff[] = [];
  for (let i = 0; i < count; i++) {
    const one = await space.queued(connector, { rate: null });
    expect(await space.begin(paused, one)).toMatchObject({ kind: "wait", waitingFor: "pause" });
    stored.push(one);
  }
  return { ...space, connector, paused, stored };
}

/** grantAccess makes the connector's token known, so that nobody waits for it. */
async function grantAccess({ accesses }: Pick<Space, "accesses">, { id }: Connector): Promise<void> {
  await accesses.claim({ connectorId: id, lease: "l", what: "token" });
  await accesses.grant({ connectorId: id, lease: "l", access: "sealed", version: "1", lifetimeMs: FAR_MS, renewAfterMs: FAR_MS });
}

it("lets at most a hundred go a step, the oldest first, and the rest in the next ones", async () => {
  const space = await held(250);
  await grantAccess(space, space.connector);
  const acceptedAt = new Map(space.stored.map(({ handoff }) => [handoff.id, handoff.acceptedAt]));
  const released: string[] = [];
  for (const count of [100, 100, 50, 0]) {
    const jobs = await space.release(space.connector);
    expect(jobs).toHaveLength(count);
    released.push(...jobs.map(({ id }) => id));
  }
  expect(released.toSorted()).toEqual([...acceptedAt.keys()].toSorted());
  // Those of one millisecond may go in any order.
  const times = released.map((id) => acceptedAt.get(id) ?? 0);
  expect(Math.max(...times.slice(0, 100))).toBeLessThanOrEqual(Math.min(...times.slice(100)));
});

it("gives each a new generation, so that the job which waits for the deadline is dropped", async () => {
  const space = await held(1);
  await grantAccess(space, space.connector);
  const [stored] = space.stored;
  const [job] = await space.release(space.connector);
  if (stored === undefined || job === undefined) throw new Error("none");
  expect(job).toEqual({ id: stored.handoff.id, connectorId: space.connector.id, generation: 2, delayMs: 0 });
  expect(await space.begin(space.connector, stored)).toEqual({ kind: "drop" });
  expect((await space.begin(space.connector, { ...stored, generation: 2 })).kind).toBe("sending");
});

it("lets go whom CXone's Retry-After keeps still, once an operator ends that, and nobody who waits for a time of his own", async () => {
  const space = await setup();
  const connector = createConnector({ deadlineMs: 7_200_000, rate: { perSecond: 10, burst: 1 } });
  const lift = createLiftHold(space.shards);
  await grantAccess(space, connector);
  const failed = await space.queued(connector);
  await space.settle(connector, await space.sending(connector, failed), again("unreachable", 60_000));
  await space.elapse(100);
  const throttled = await space.queued(connector);
  const promised = [await space.queued(connector), await space.queued(connector)];
  const delayed = await space.queued(connector, { delayMs: 60_000 });
  const hour = again("throttled", 3_600_000, { holdMs: 3_600_000 });
  await space.settle(connector, await space.sending(connector, throttled), hour);
  await space.elapse(100);
  for (const one of promised) expect(await space.begin(connector, one)).toMatchObject({ kind: "wait", waitingFor: "rate" });
  expect(await space.release(connector)).toEqual([]);
  await lift(connector.id);
  const jobs = await space.release(connector);
  expect(jobs.map(({ id }) => id).toSorted()).toEqual([throttled, ...promised].map(({ handoff }) => handoff.id).toSorted());
  for (const { delayMs } of jobs) expect(delayMs).toBeLessThanOrEqual(300);
  expect((await space.read(delayed)).handoff.waitingFor).toBe("delay");
  expect((await space.read(failed)).handoff.waitingFor).toBe("retry");
  // Fresh ones go at once too, and nothing is left to lift.
  expect((await space.queued(connector)).handoff.nextAttemptAt).toBeLessThan((await space.now()) + 1_000);
  await lift(connector.id);
  expect(await space.release(connector)).toEqual([]);
});

it("gives new slots at the connector's rate: never a herd", async () => {
  const space = await held(30, { rate: { perSecond: 10, burst: 5 } });
  await grantAccess(space, space.connector);
  const delays = (await space.release(space.connector)).map(({ delayMs }) => delayMs);
  expect(delays).toHaveLength(30);
  expect(delays.filter((delayMs) => delayMs === 0)).toHaveLength(5);
  delays.slice(5).forEach((delayMs, i) => {
    expect(delayMs).toBeGreaterThan(i * 100);
    expect(delayMs).toBeLessThanOrEqual((i + 1) * 100);
  });
});

it("lets nobody go while the connector or everything is paused, and looks again by itself", async () => {
  const { release, connector, paused, deliveries, tag, now } = await held(3);
  expect(await release(paused)).toEqual([]);
  expect(await release(connector, { stopped: true })).toEqual([]);
  expect(await deliveries.heldConnectors(tag, (await now()) + 1_000)).toEqual([connector.id]);
});

it("ends what finds no slot before its deadline, and what is past it", async () => {
  const space = await held(10, { rate: { perSecond: 1, burst: 1 }, deadlineMs: 5_000 });
  await grantAccess(space, space.connector);
  expect((await space.release(space.connector)).length).toBeLessThanOrEqual(6);
  const late = await held(2, { deadlineMs: 1_000 });
  await grantAccess(late, late.connector);
  await late.elapse(1_001);
  expect(await late.release(late.connector)).toEqual([]);
  for (const one of late.stored) expect((await late.read(one)).handoff).toMatchObject({ status: "dead", reason: "expired" });
  const states = await Promise.all(space.stored.map(async (one) => (await space.read(one)).handoff.status));
  expect(states.filter((status) => status === "dead").length).toBeGreaterThanOrEqual(4);
});

it("passes over what was cancelled while it waited", async () => {
  const { release, connector, stored, handoffs } = await held(3);
  for (const { handoff } of stored) await handoffs.cancel(handoff.id);
  expect(await release(connector)).toEqual([]);
});

it("sends one ahead to fetch a token where none is known, and all once it is there", async () => {
  const { connector, ...space } = await held(5);
  expect(await space.release(connector)).toHaveLength(1);
  await grantAccess(space, connector);
  expect(await space.release(connector)).toHaveLength(4);
});

it("waits for the token endpoint as long as it is known to be down", async () => {
  const { release, connector, accesses, deliveries, tag, now, elapse } = await held(5);
  await accesses.claim({ connectorId: connector.id, lease: "l", what: "token" });
  await accesses.fail({ connectorId: connector.id, lease: "l", kind: "unavailable", detail: "503", retryAfterMs: 60_000 });
  expect(await release(connector)).toEqual([]);
  expect(await deliveries.heldConnectors(tag, (await now()) + 59_000)).toEqual([]);
  await elapse(60_001);
  expect(await release(connector)).toHaveLength(1);
});

it("lets all go where the keys are refused, so that each dies of it", async () => {
  const { release, connector, accesses } = await held(5);
  await accesses.claim({ connectorId: connector.id, lease: "l", what: "token" });
  await accesses.fail({ connectorId: connector.id, lease: "l", kind: "credentials", detail: "401" });
  expect(await release(connector)).toHaveLength(5);
});

it("sends one probe ahead while the breaker is open, and the rest once it closed", async () => {
  const space = await setup();
  const connector = createConnector({ deadlineMs: 3_600_000 });
  await grantAccess(space, connector);
  for (let i = 0; i < 20; i++)
    await space.settle(connector, await space.sending(connector, await space.queued(connector)), again("ambiguous", 900_000));
  const waiting = new Map<string, StoredHandoff>();
  for (let i = 0; i < 5; i++) {
    const stored = await space.queued(connector);
    expect(await space.begin(connector, stored)).toMatchObject({ kind: "wait", waitingFor: "breaker" });
    waiting.set(stored.handoff.id, stored);
  }
  await space.elapse(1_001);
  const [probe, ...others] = await space.release(connector);
  if (probe === undefined) throw new Error("no probe");
  expect(others).toEqual([]);
  const stored = waiting.get(probe.id);
  if (stored === undefined) throw new Error("of another");
  const attempt = await space.sending(connector, { ...stored, generation: probe.generation });
  expect(await space.release(connector)).toEqual([]);
  await space.settle(connector, attempt, DELIVERED);
  expect(await space.deliveries.heldConnectors(space.tag, await space.now())).toEqual([connector.id]);
  expect(await space.release(connector)).toHaveLength(4);
});

it("looks no more at a connector nobody waits for", async () => {
  const space = await held(1);
  await grantAccess(space, space.connector);
  await space.release(space.connector);
  await space.release(space.connector);
  expect(await space.deliveries.heldConnectors(space.tag, FAR_MS * FAR_MS)).toEqual([]);
});
