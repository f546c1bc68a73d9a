/**
 * A connector's part of a worker: a quarter of its slots always, and more only while it is answered 2xx and others
 * leave them idle.
 */
import type { SeenSignal } from "@baton/simulator";
import { expect, it } from "vitest";
import { startGate } from "../world/gate.ts";

const SLOTS = 32;
const QUARTER = 8;

const setup = async (delivery = {}) => {
  const gate = await startGate({ delivery }, { BATON_WORKER_CONCURRENCY: String(SLOTS) });
  await gate.startWorker();
  return gate;
};

/** maxAtOnce is how many of these requests were open at the same time. */
function maxAtOnce(signals: readonly SeenSignal[]): number {
  const changes = signals.flatMap(({ at, endedAt = Number.POSITIVE_INFINITY }) => [
    { at, by: 1 },
    { at: endedAt, by: -1 },
  ]);
  let open = 0;
  let most = 0;
  // What ends in the same millisecond in which another begins was not open beside it.
  for (const { by } of changes.toSorted((one, other) => one.at - other.at || one.by - other.by)) {
    open += by;
    most = Math.max(most, open);
  }
  return most;
}

it("a connector that is alone and healthy uses half of a worker", async () => {
  const gate = await setup();
  gate.simulator.settings({ latencyMs: 150 });
  await gate.delivered(await gate.sendInTurn(300));
  expect(maxAtOnce(gate.arrivals())).toBeGreaterThanOrEqual(SLOTS / 2);
  expect(maxAtOnce(gate.arrivals())).toBeLessThanOrEqual(SLOTS);
});

it("one that hangs never gets past its quarter, however much waits for it", async () => {
  const gate = await setup({ attemptTimeoutMs: 1_000, maxAttempts: 2 });
  gate.simulator.answer({ on: "signal", accessKeyId: gate.accessKeyId, hang: true });
  const neighbour = await gate.createConnector();
  const sent = await gate.sendInTurn(60);
  await gate.simulator.untilSignals(3 * QUARTER, { accessKeyId: gate.accessKeyId });
  const others = gate.clientOf(neighbour);
  for (let count = 0; count < 20; count++) {
    expect(await others.send({ contactId: String(800_000_000_000 + count) }, { waitMs: 20_000 })).toMatchObject({
      status: "delivered",
    });
  }
  expect(maxAtOnce(gate.arrivals())).toBe(QUARTER);
  for (const { id } of sent) await gate.client.cancel(id).catch(() => undefined);
});

it("one that was healthy and then hangs falls back to its quarter", async () => {
  const gate = await setup({ attemptTimeoutMs: 1_000 });
  gate.simulator.settings({ latencyMs: 100 });
  await gate.delivered(await gate.sendInTurn(200));
  gate.simulator.answer({ on: "signal", hang: true });
  const before = gate.arrivals().length;
  const sent = await gate.sendInTurn(200);
  // The first of them may still go by what was earned before; then each second lets a quarter hang.
  await gate.simulator.untilSignals(before + SLOTS / 2 + 4 * QUARTER);
  const hanging = gate.arrivals().slice(before);
  expect(maxAtOnce(hanging)).toBeLessThanOrEqual(SLOTS / 2 + 1);
  expect(maxAtOnce(hanging.slice(-2 * QUARTER))).toBeLessThanOrEqual(QUARTER);
  for (const { id } of sent) await gate.client.cancel(id).catch(() => undefined);
});

it("one that uses more than its quarter leaves slots for others that come", async () => {
  const gate = await setup();
  const neighbour = await gate.createConnector();
  const others = gate.clientOf(neighbour);
  // The neighbour has a token by then.
  await others.send({ contactId: "810000000000" }, { waitMs: 20_000 });
  gate.simulator.settings({ latencyMs: 150 });
  const sent = await gate.sendInTurn(400);
  await gate.simulator.untilSignals(100, { accessKeyId: gate.accessKeyId });
  const handoffs = await Promise.all(
    Array.from({ length: QUARTER }, (_, index) =>
      others.send({ contactId: String(810_000_000_001 + index) }, { waitMs: 20_000 }),
    ),
  );
  for (const { status } of handoffs) expect(status).toBe("delivered");
  // They passed those of the first that had waited for longer.
  expect((await gate.read(sent)).filter(({ status }) => status === "queued").length).toBeGreaterThan(0);
  await gate.delivered(sent);
});
