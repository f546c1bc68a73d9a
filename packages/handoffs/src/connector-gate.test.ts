import { expect, it } from "vitest";
import { drain } from "../testing/drain.ts";
import {
  breakOpen,
  fail,
  failToken,
  known,
  nothingKnown,
  pausedOf,
  queueMany,
  REFUSED,
  throttle,
} from "../testing/gate.ts";
import { again, createConnector, DELIVERED, setup } from "../testing/space.ts";
import { createClearThrottleAndBreaker } from "./clear-throttle-and-breaker.ts";
import { createCloseConnectorForDeletion } from "./close-connector-for-deletion.ts";

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
  const resume = createClearThrottleAndBreaker(space.shards);
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
  expect(await createClearThrottleAndBreaker(space.shards)(connector.id)).toEqual([]);
  expect(await space.waits(pausedOf(connector), stored)).toBe("pause");
});

it("sends none while the connector or everything is paused, looks again each second, and goes on by itself", async () => {
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

it("ends none for refused keys or a lost token while all is paused: a pause is the time to correct them", async () => {
  const space = await setup();
  const connector = createConnector();
  const [early, late] = [await space.queued(connector), await space.queued(connector)];
  expect(await space.waits(pausedOf(connector), early)).toBe("pause");
  expect(await space.waits(connector, late, { everything: "paused", destinations: known(connector, REFUSED) })).toBe(
    "pause",
  );
  expect(await space.waits(connector, early, { everything: "paused" })).toBe("pause");
  expect((await drain(space, connector, { change: { version: 2 } })).sent).toHaveLength(2);
});

it("closes no connector that has a handoff queued or being sent, and accepts nothing for a closed one", async () => {
  const { queued, sending, settle, accept, shards } = await setup();
  const close = createCloseConnectorForDeletion(shards);
  const connector = createConnector();
  const stored = await queued(connector);
  expect(await close(connector.id)).toBe(false);
  const attempt = await sending(connector, stored);
  expect(await close(connector.id)).toBe(false);
  await settle(connector, attempt, [{ kind: "accepted", httpStatus: 202 }, { kind: "delivered" }]);
  expect(await close(connector.id)).toBe(true);
  expect(await accept(connector)).toEqual({ kind: "closed" });
});

it("opens again by itself where the deletion did not follow", async () => {
  const { accept, elapse, shards } = await setup();
  const close = createCloseConnectorForDeletion(shards);
  const connector = createConnector();
  expect(await close(connector.id)).toBe(true);
  await elapse(60_000);
  expect((await accept(connector)).kind).toBe("accepted");
});

it("gives no next attempt in the past: what waits at the gate is sent when that opens, or later", async () => {
  const space = await setup();
  const [throttled, full] = [createConnector(), createConnector()];
  await throttle(space, throttled, 20_000);
  const [waiting, parked] = [await space.queued(throttled), await space.queued(full)];
  expect(await space.waits(throttled, waiting)).toBe("throttle");
  expect(await space.waits(full, parked, { limit: 0 })).toBe("share");
  await space.elapse(1_000);
  const nextOf = async (stored: typeof waiting) =>
    ((await space.read(stored)).handoff.nextAttemptAt ?? fail()) + space.elapsed();
  const from = await space.now();
  expect(await nextOf(parked)).toBeGreaterThanOrEqual(from);
  expect((await nextOf(waiting)) - from).toBeGreaterThan(15_000);
});
