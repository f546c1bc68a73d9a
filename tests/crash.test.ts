import { FENCE_MS } from "@baton/domain";
import type { SeenSignal } from "@baton/simulator";
import { expect, it } from "vitest";
import { outcomesOf, startIntake } from "./world/baton.ts";
import { startProcess } from "./world/process.ts";

const ATTEMPT_MS = 1_000;
const DELIVERY = { attemptTimeoutMs: ATTEMPT_MS, backoff: { baseMs: 100, capMs: 100 } } as const;

function signalsByContact(signals: readonly SeenSignal[]): ReadonlyMap<string, readonly SeenSignal[]> {
  return Map.groupBy(signals, ({ contactId }) => contactId);
}

it("a handoff that meets three worker crashes is delivered by the fourth worker", { timeout: 120_000 }, async () => {
  const { simulator, env, send, ended, startWorker } = await startIntake({ delivery: DELIVERY });
  simulator.answer({ hang: true, times: 3, effect: true });
  const sent = await send();
  for (const crash of [1, 2, 3]) {
    const worker = await startProcess("worker", env);
    await simulator.untilSignals(crash);
    await worker.stop("SIGKILL");
  }
  const last = await startWorker();
  const handoff = await ended(sent);
  // BullMQ's check found the job, which the reconciler would have given back later.
  expect(await (await fetch(`${last.url}/metrics`)).text()).toMatch(/^baton_stalled_total [1-9]/m);
  expect(outcomesOf(handoff)).toEqual(["interrupted", "interrupted", "interrupted", "accepted"]);
  expect(handoff).toMatchObject({ status: "delivered", mayHaveArrived: true, possibleDuplicate: true });
  expect(simulator.signals()).toHaveLength(4);
});

it("nothing more is sent before a dead worker's request can no longer be under way, however soon its job is found", async () => {
  const attemptTimeoutMs = 8_000;
  const { simulator, env, send, ended, startWorker } = await startIntake({
    delivery: { ...DELIVERY, attemptTimeoutMs },
  });
  simulator.answer({ hang: true, times: 1, effect: true });
  const sent = await send();
  const worker = await startProcess("worker", env);
  await simulator.untilSignals(1);
  await worker.stop("SIGKILL");
  await startWorker();
  const [first, second] = (await ended(sent)).attempts.map(({ startedAt }) => Date.parse(startedAt));
  expect(second).toBeGreaterThan((first ?? Number.NaN) + attemptTimeoutMs + FENCE_MS);
});

it("a worker that is killed amid attempts loses nothing, and every repeat is marked", {
  timeout: 120_000,
}, async () => {
  const { simulator, env, sendMany, ended, startWorker } = await startIntake({ delivery: DELIVERY });
  simulator.settings({ latencyMs: 300 });
  const sent = await sendMany(100);
  const doomed = await startProcess("worker", env);
  await simulator.untilSignals(60);
  await doomed.stop("SIGKILL");
  await startWorker();
  const handoffs = await Promise.all(sent.map(ended));
  const signals = signalsByContact(simulator.signals());
  expect(handoffs.filter(({ status }) => status !== "delivered")).toEqual([]);
  for (const { contactId, possibleDuplicate } of handoffs) {
    const count = signals.get(contactId)?.length ?? 0;
    expect(count).toBeGreaterThanOrEqual(1);
    if (count > 1) expect(possibleDuplicate).toBe(true);
  }
});

it("at-most-once signals no contact twice, whenever its worker is killed", { timeout: 120_000 }, async () => {
  const { simulator, env, sendMany, ended, startWorker } = await startIntake({
    delivery: { ...DELIVERY, guarantee: "at-most-once" },
  });
  simulator.settings({ latencyMs: 300 });
  const sent = await sendMany(100);
  const doomed = await startProcess("worker", env);
  await simulator.untilSignals(60);
  await doomed.stop("SIGKILL");
  await startWorker();
  const handoffs = await Promise.all(sent.map(ended));
  expect(
    new Set(handoffs.map(({ status, reason }) => reason ?? status)).isSubsetOf(new Set(["delivered", "unknown"])),
  ).toBe(true);
  const counts = [...signalsByContact(simulator.signals()).values()].map(({ length }) => length);
  expect(Math.max(...counts)).toBe(1);
});

it("a handoff whose job was lost, as when ingress dies between accept and add, is delivered all the same", async () => {
  const { redis, shards, send, ended, startWorker } = await startIntake({ delivery: DELIVERY });
  const sent = await send();
  const [tag] = shards.tags;
  const keys = await redis.keys(`${tag}:handoffs:*`);
  expect(keys.length).toBeGreaterThan(0);
  await redis.del(...keys);
  await startWorker();
  expect(await ended(sent)).toMatchObject({ status: "delivered", possibleDuplicate: false });
});
