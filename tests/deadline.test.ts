import { createBatonClient } from "@baton/api";
import { generateKeyringEntry } from "@baton/vault";
import { expect, it } from "vitest";
import { type ConnectorChange, createWorld, ended } from "./world/world.ts";

async function setup(change: ConnectorChange = {}) {
  const world = await createWorld();
  const { token } = await world.createConnector(change);
  const { url } = await world.startIngress();
  return { ...world, baton: createBatonClient({ ingressUrl: url, token }) };
}

it("answers those that wait for a handoff when it expires, though no worker runs", async () => {
  const { baton } = await setup();
  const handoff = await baton.send({ contactId: "1", deadlineMs: 1_000 }, { waitMs: 20_000 });
  expect(handoff).toMatchObject({ status: "dead", reason: "expired", attempts: [] });
  expect(Date.parse(handoff.endedAt ?? "")).toBeGreaterThanOrEqual(Date.parse(handoff.deadlineAt));
});

it("reads a handoff past its deadline as expired at once, with its dead letter and that one's job, though no worker runs", async () => {
  const { baton, startAdmin, shards, redis } = await setup();
  const { id } = await baton.send({ contactId: "1", deadlineMs: 1_000 });
  const admin = await startAdmin();
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: admin.key });
  await expect.poll(async () => (await baton.get(id)).reason, { timeout: 10_000 }).toBe("expired");
  expect((await operator.deadLetters()).items.map((dead) => dead.id)).toEqual([id]);
  expect(await redis.hget(`${shards.tags[0]}:dead-letters:${id}-1`, "name")).toBe("expired");
});

it("ends a handoff past its deadline though it is not read and no worker can work on it", async () => {
  const { baton, startAdmin, startWorker } = await setup();
  const { id } = await baton.send({ contactId: "1", deadlineMs: 1_000 });
  const admin = await startAdmin();
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: admin.key });
  // A worker with another key ring cannot open the connector's credentials.
  const worker = await startWorker({ BATON_KEYRING: generateKeyringEntry() });

  await expect.poll(async () => (await operator.overview()).deadLetters.total, { timeout: 30_000 }).toBe(1);
  expect((await baton.get(id)).reason).toBe("expired");
  await expect
    .poll(async () => (await fetch(`${worker.url}/metrics`)).text(), { timeout: 30_000 })
    .toMatch(/handoffs_ended_total\{[^}]*reason="expired"\} 1/);
});

it("aborts the request in flight at the deadline, and counts it as what it is", async () => {
  const { baton, simulator, startWorker } = await setup({ delivery: { attemptTimeoutMs: 20_000 } });
  await startWorker();
  simulator.answer({ on: "signal", hang: true });
  const { id } = await baton.send({ contactId: "1", deadlineMs: 1_000 });
  expect(await ended(baton, id)).toMatchObject({
    status: "dead",
    reason: "expired",
    attempts: [{ outcome: "ambiguous" }],
    mayHaveArrived: true,
    possibleDuplicate: false,
  });
  expect(simulator.signals()).toHaveLength(1);
});

it("starts no request after the deadline, however many wait", async () => {
  const { baton, simulator, startWorker } = await setup({ delivery: { rate: { perSecond: 20, burst: 1 } } });
  simulator.settings({ latencyMs: 20 });
  // As many as are accepted with a second each: the fifteenth is sent 700 ms from now, and 250 must be left.
  const sent = await Promise.all(
    Array.from({ length: 15 }, (_, i) => baton.send({ contactId: String(i + 1), deadlineMs: 1_000 })),
  );
  await startWorker();
  const all = await Promise.all(sent.map(({ id }) => ended(baton, id)));
  const deadlines = new Map(all.map(({ contactId, deadlineAt }) => [contactId, Date.parse(deadlineAt)]));

  expect(simulator.signals().filter(({ contactId, at }) => at > (deadlines.get(contactId) ?? 0))).toEqual([]);
  for (const { status, reason } of all)
    expect([`delivered`, `dead expired`]).toContain(reason === undefined ? status : `${status} ${reason}`);
});
