import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { CONTACT, outcomesOf, startBaton, startIntake } from "./world/baton.ts";
import type { ConnectorChange } from "./world/world.ts";

/** HOLDS: every change holds on all processes within so long. */
const HOLDS = { timeout: 2_000, interval: 20 };

/** OVERLAP_MS is longer than a busy machine takes to try both tokens. */
const OVERLAP_MS = 6_000;

async function setup(change: ConnectorChange = {}) {
  const baton = await startBaton(change);
  const { url, key } = await baton.startAdmin();
  const { id } = baton.connector;
  const operator = createBatonClient({ adminUrl: url, adminKey: key });
  /** How ingress answers a handoff that comes with this token: 202, or the refusal's code. */
  const answerTo = (token: string) =>
    createBatonClient({ ingressUrl: baton.ingressUrl, token })
      .send({ contactId: CONTACT })
      .then(
        () => 202,
        (error: { code?: string }) => error.code,
      );
  let contacts = 300_000_000_000;
  /** Resolves once the worker has seen a pause: a handoff that it sends is followed by another. */
  async function paused(): Promise<void> {
    const held = async () =>
      (await baton.client.get((await baton.send({ contactId: String(contacts++) })).id, { waitMs: 1_000 })).waitingFor;
    await expect.poll(held, { timeout: 10_000 }).toBe("pause");
  }
  return { ...baton, id, operator, answerTo, paused };
}

it("sends nothing of a paused connector, and all of it once it is resumed", async () => {
  const { operator, id, send, paused, waitingFor, ended, simulator, createConnector, clientOf } = await setup();
  const neighbour = clientOf(await createConnector());
  await operator.pauseConnector(id);
  await paused();
  const handoff = await send({ contactId: "200000000001" });
  await waitingFor(handoff, "pause");
  const other = await neighbour.send({ contactId: "200000000002" });
  expect(await neighbour.get(other.id, { waitMs: 10_000 })).toMatchObject({ status: "delivered" });
  expect(simulator.signals({ contactId: "200000000001" })).toEqual([]);
  expect((await operator.overview()).connectors.map(({ paused }) => paused)).toEqual([true, false]);
  await operator.resumeConnector(id);
  expect(await ended(handoff)).toMatchObject({ status: "delivered", attempts: [{ outcome: "accepted" }] });
});

it("ends what is left of a connector that is no more, and looks for it no longer", async () => {
  const { connectors, connector, send, startAdmin, startWorker, redis, shards, simulator } = await startIntake();
  const { url, key } = await startAdmin();
  const { id } = await send();
  const stored = await connectors.read(connector.id);
  if (stored === undefined) throw new Error("there is no connector");
  // One with handoffs pending cannot be deleted; a failover may bring such a one back.
  await connectors.remove(stored);
  await startWorker();
  const read = async () =>
    (await fetch(`${url}/admin/v1/handoffs/${id}`, { headers: { authorization: `Bearer ${key}` } })).json();
  await expect.poll(read, { timeout: 20_000 }).toMatchObject({ status: "dead", reason: "configuration" });
  await expect.poll(() => redis.zscore(`${shards.tags[0]}:gates`, connector.id), { timeout: 20_000 }).toBeNull();
  expect(simulator.signals()).toEqual([]);
});

it("sends nothing at all while everything is paused, and the overview says so", async () => {
  const { operator, send, paused, waitingFor, ended, createConnector, clientOf } = await setup();
  const neighbour = clientOf(await createConnector());
  expect(await operator.pause()).toEqual({ paused: true });
  expect((await operator.overview()).paused).toBe(true);
  await paused();
  const [handoff, other] = [
    await send({ contactId: "200000000003" }),
    await neighbour.send({ contactId: "200000000004" }),
  ];
  await waitingFor(handoff, "pause");
  await expect.poll(async () => (await neighbour.get(other.id)).waitingFor).toBe("pause");
  expect(await operator.resume()).toEqual({ paused: false });
  expect((await ended(handoff)).status).toBe("delivered");
  expect((await neighbour.get(other.id, { waitMs: 20_000 })).status).toBe("delivered");
});

it("takes an old and a new token until the overlap is over, and a revoked one no more", async () => {
  const { operator, id, token, answerTo } = await setup();
  const rotated = await operator.createToken(id, { overlapMs: OVERLAP_MS });
  const { createdAt } = rotated;
  await expect.poll(() => answerTo(rotated.token), HOLDS).toBe(202);
  expect(await answerTo(token)).toBe(202);
  await expect.poll(() => answerTo(token), { timeout: 20_000, interval: 50 }).toBe("unauthenticated");
  expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(createdAt) + OVERLAP_MS);
  expect(await answerTo(rotated.token)).toBe(202);
  await expect.poll(async () => (await operator.tokens(id)).items[0]?.lastUsedAt, { timeout: 5_000 }).toBeDefined();
  await operator.revokeToken(id, rotated.id);
  await expect.poll(() => answerTo(rotated.token), HOLDS).toBe("unauthenticated");
});

it("refuses a disabled connector's handoffs, and takes them again once it is enabled", async () => {
  const { operator, id, token, answerTo } = await setup();
  await operator.patchConnector(id, { enabled: false });
  await expect.poll(() => answerTo(token), HOLDS).toBe("connector-disabled");
  await operator.patchConnector(id, { enabled: true });
  await expect.poll(() => answerTo(token), HOLDS).toBe(202);
});

it("signals with a token of the new credentials, and never again with one of the old", async () => {
  const { operator, id, deliver, simulator, accessKeyId } = await setup();
  await deliver();
  await operator.patchConnector(id, { credentials: { accessKeyId: "AKNEW====" } });
  await expect
    .poll(async () => [await deliver(), simulator.signals().at(-1)?.accessKeyId][1], { ...HOLDS, timeout: 4_000 })
    .toBe("AKNEW====");
  const before = simulator.tokenRequests(accessKeyId).length;
  for (let i = 0; i < 5; i++) await deliver();
  expect(
    new Set(
      simulator
        .signals()
        .slice(-5)
        .map((signal) => signal.accessKeyId),
    ),
  ).toEqual(new Set(["AKNEW===="]));
  expect([before, simulator.tokenRequests(accessKeyId).length, simulator.tokenRequests("AKNEW====").length]).toEqual([
    1, 1, 1,
  ]);
});

it("forgets at once that CXone refused the old credentials", async () => {
  const { operator, id, deliver, simulator, accessKeyId } = await setup();
  simulator.answer({ on: "token", accessKeyId, status: 401, body: { error: "invalid_client" } });
  expect(await deliver()).toMatchObject({ status: "dead", reason: "credentials" });
  await operator.patchConnector(id, { credentials: { accessKeyId: "AKNEW====" } });
  await expect.poll(async () => (await deliver()).status, { timeout: 4_000, interval: 50 }).toBe("delivered");
});

it("delivers by the new policy", async () => {
  const { operator, id, deliver, simulator } = await setup();
  simulator.answer({ on: "signal", status: 500 });
  await operator.patchConnector(id, { delivery: { maxAttempts: 2, backoff: { baseMs: 10, capMs: 20 } } });
  await expect
    .poll(async () => outcomesOf(await deliver({ deadlineMs: 1_000 })).length, { timeout: 10_000, interval: 100 })
    .toBe(2);
});

it("refuses to delete a connector with a handoff waiting, and knows nothing of it once it is deleted", async () => {
  const { operator, id, send, client, token, answerTo } = await setup({ paused: true });
  const { id: handoffId } = await send();
  await expect(operator.deleteConnector(id)).rejects.toMatchObject({ status: 409, code: "handoffs-pending" });
  expect(await answerTo(token)).toBe(202);
  for (const { id: pending } of (await operator.handoffs({ status: "queued" })).items) await client.cancel(pending);
  await operator.deleteConnector(id);
  await expect(operator.connector(id)).rejects.toMatchObject({ status: 404 });
  await expect.poll(() => answerTo(token), HOLDS).toBe("unauthenticated");
  expect((await operator.handoff(handoffId)).status).toBe("cancelled");
  expect((await operator.overview()).connectors).toEqual([]);
});
