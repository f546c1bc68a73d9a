/**
 * What closes a connector's gate, and how it opens again: each reason by itself, one probe at a time, and never a
 * burst.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { HandoffJson } from "@baton/api";
import type { SeenSignal } from "@baton/simulator";
import { describe, expect, it } from "vitest";
import { CLOCK_MS } from "../world/baton.ts";
import { expectEmptyBucket, type Gate, HEARD_MS, startGate } from "../world/gate.ts";
import { startProcess } from "../world/process.ts";

const RATE = { perSecond: 10, burst: 10 };
/**
 * Retries so far away that none of them meets what is looked at, and deadlines beyond every Retry-After. Milliseconds.
 */
const FAR = { backoff: { baseMs: 60_000, capMs: 60_000 }, deadlineMs: 7_200_000 } as const;
/** What opens a breaker: so many requests that fail. */
const ENOUGH = 20;

/** throttle has CXone answer one signal with 429 and Retry-After; the one that got it waits far longer from then on. */
async function throttle({ simulator, send, waitingFor }: Gate, retryAfter: number): Promise<SeenSignal> {
  simulator.answer({ on: "signal", status: 429, retryAfter, times: 1 });
  await waitingFor(await send({ contactId: "600000000001" }), "retry");
  const [refused] = simulator.signals({ contactId: "600000000001" });
  if (refused === undefined) throw new Error("none was throttled");
  return refused;
}

/** openBreaker has as many attempts fail as it takes, and gives the last of them. */
async function openBreaker({ simulator, sendMany, operator, connector }: Gate): Promise<SeenSignal> {
  simulator.answer({ on: "signal", status: 500, times: ENOUGH });
  await sendMany(ENOUGH);
  await expect
    .poll(async () => (await operator.connector(connector.id))?.breaker, { timeout: 20_000 })
    .not.toBe("closed");
  const failed = simulator.signals().at(-1);
  if (failed === undefined) throw new Error("nothing failed");
  return failed;
}

/** pauseBetween two requests, as CXone saw them: from the answer of the first to the second. */
function pauseBetween(before: SeenSignal | undefined, after: SeenSignal | undefined): number {
  return (after?.at ?? Number.NaN) - (before?.endedAt ?? Number.NaN) + CLOCK_MS;
}

describe("a gate that opens again finds an empty bucket", () => {
  it("after a pause that was longer than the bucket takes to fill", async () => {
    const gate = await startGate({ delivery: { rate: RATE } });
    await gate.startWorker();
    await gate.pause();
    const sent = await gate.sendInTurn(30);
    await gate.waitingFor(sent[29] ?? { id: "" }, "pause");
    await gate.operator.resume(gate.connector.id);
    expectEmptyBucket(RATE, await gate.delivered(sent));
  });

  it("after CXone's Retry-After", async () => {
    const gate = await startGate({ delivery: { rate: RATE, ...FAR } });
    await gate.startWorker();
    await throttle(gate, 2);
    const sent = await gate.sendInTurn(30);
    expectEmptyBucket(RATE, await gate.delivered(sent));
  });

  it("after the breaker", async () => {
    const rate = { perSecond: 30, burst: 30 };
    const gate = await startGate({ delivery: { rate, ...FAR } });
    await gate.startWorker();
    await openBreaker(gate);
    const sent = await gate.sendInTurn(40);
    expectEmptyBucket(rate, await gate.delivered(sent));
  });
});

describe("one probe at a time", () => {
  it("after at most maxHoldMs of a Retry-After that is longer, over all workers, and its 2xx lets all go", async () => {
    const gate = await startGate({ delivery: FAR });
    await gate.operator.setDelivery(gate.connector.id, { maxHoldMs: 1_000 });
    await gate.startWorker();
    await gate.startWorker();
    await sleep(HEARD_MS);
    const refused = await throttle(gate, 3_600);
    gate.simulator.answer({ on: "signal", delayMs: 1_000, times: 1 });
    const handoffs = await gate.delivered(await gate.sendInTurn(15));
    expect(handoffs).toHaveLength(15);
    const [probe, ...rest] = gate.simulator.signals({ after: 1 });
    expect(pauseBetween(refused, probe)).toBeGreaterThanOrEqual(1_000);
    for (const signal of rest) expect(pauseBetween(probe, signal)).toBeGreaterThanOrEqual(0);
    expect(await gate.operator.connector(gate.connector.id)).not.toHaveProperty("heldUntil");
  });

  it("and one that is throttled again keeps the others waiting for the next", async () => {
    const gate = await startGate({ delivery: FAR });
    await gate.operator.setDelivery(gate.connector.id, { maxHoldMs: 1_000 });
    await gate.startWorker();
    await sleep(HEARD_MS);
    await throttle(gate, 3_600);
    gate.simulator.answer({ on: "signal", status: 429, retryAfter: 3_600, delayMs: 300, times: 1 });
    const sent = await gate.sendInTurn(10);
    await gate.simulator.untilSignals(2);
    const refused = new Set(
      gate.simulator
        .signals()
        .slice(0, 2)
        .map(({ contactId }) => contactId),
    );
    await gate.delivered(sent.filter(({ contactId }) => !refused.has(contactId)));
    const [probe, next, ...rest] = gate.simulator.signals({ after: 1 });
    expect(pauseBetween(probe, next)).toBeGreaterThanOrEqual(1_000);
    for (const signal of rest) expect(pauseBetween(next, signal)).toBeGreaterThanOrEqual(0);
  });

  it("whose worker dies frees the next", async () => {
    const gate = await startGate({ delivery: { ...FAR, attemptTimeoutMs: 1_500 } });
    const doomed = await startProcess("worker", gate.env);
    await openBreaker(gate);
    gate.simulator.answer({ on: "signal", hang: true, times: 1 });
    const sent = await gate.sendInTurn(6);
    await gate.simulator.untilSignals(ENOUGH + 1);
    await doomed.stop("SIGKILL");
    await gate.startWorker();
    const [, probe] = gate.simulator.signals({ after: ENOUGH - 1 });
    await gate.delivered(sent.filter(({ contactId }) => contactId !== probe?.contactId));
  });
});

describe("each reason has a moment of its own", () => {
  it("a pause that ends by itself leaves CXone's Retry-After in force", async () => {
    const gate = await startGate({ delivery: FAR });
    await gate.startWorker();
    const refused = await throttle(gate, 5);
    await gate.operator.pause(gate.connector.id, { until: new Date(Date.now() + 2_000).toISOString() });
    const [waiting] = await gate.sendInTurn(1);
    if (waiting === undefined) throw new Error("nothing was sent");
    await gate.waitingFor(waiting, "pause");
    await gate.waitingFor(waiting, "throttle");
    await gate.delivered([waiting]);
    const [, next] = gate.simulator.signals();
    expect(pauseBetween(refused, next)).toBeGreaterThanOrEqual(5_000);
  });

  it("a Retry-After that is over leaves a pause in force", async () => {
    const gate = await startGate({ delivery: FAR });
    await gate.startWorker();
    await throttle(gate, 4);
    await gate.pause();
    const sent = await gate.sendInTurn(5);
    await gate.waitingFor(sent[4] ?? { id: "" }, "pause");
    await expect
      .poll(async () => await gate.operator.connector(gate.connector.id), { timeout: 20_000 })
      .not.toHaveProperty("heldUntil");
    // Long enough for a worker that would send it nevertheless.
    await sleep(1_000);
    expect(gate.simulator.signals()).toHaveLength(1);
    await gate.operator.resume(gate.connector.id);
    await gate.delivered(sent);
  });

  it("a connector's resume leaves everything's pause in force, and the other way round", async () => {
    const gate = await startGate();
    await gate.startWorker();
    const { operator, connector } = gate;
    await operator.pauseAll();
    await operator.pause(connector.id);
    await sleep(HEARD_MS);
    const sent = await gate.sendInTurn(5);
    await operator.resume(connector.id);
    await sleep(HEARD_MS);
    expect(gate.simulator.signals()).toEqual([]);
    await operator.pause(connector.id);
    await sleep(HEARD_MS);
    await operator.resumeAll();
    await sleep(HEARD_MS);
    expect(gate.simulator.signals()).toEqual([]);
    await operator.resume(connector.id);
    await gate.delivered(sent);
  });
});

describe("an operator's resume opens any gate", () => {
  it("also the breaker's, long before its next probe", async () => {
    const gate = await startGate({ delivery: FAR });
    await gate.startWorker();
    await openBreaker(gate);
    // Each probe that fails doubles the time until the next: after these two it is 4 s.
    gate.simulator.answer({ on: "signal", status: 500, times: 2 });
    const sent = await gate.sendInTurn(8);
    await gate.simulator.untilSignals(ENOUGH + 2);
    await expect.poll(() => gate.simulator.signals().at(-1)?.endedAt).toBeDefined();
    await gate.operator.resume(gate.connector.id);
    const probed = gate.simulator.signals({ after: ENOUGH });
    const failed = new Set(probed.map(({ contactId }) => contactId));
    await gate.delivered(sent.filter(({ contactId }) => !failed.has(contactId)));
    const next = gate.simulator.signals({ after: ENOUGH + 2 })[0];
    expect(pauseBetween(probed.at(-1), next)).toBeLessThan(4_000);
  });

  it("also Retry-After's", async () => {
    const gate = await startGate({ delivery: FAR });
    await gate.startWorker();
    await throttle(gate, 3_600);
    const sent = await gate.sendInTurn(8);
    await gate.waitingFor(sent[7] ?? { id: "" }, "throttle");
    await gate.operator.resume(gate.connector.id);
    await gate.delivered(sent);
  });
});

describe("a pause", () => {
  it("holds on every worker within two seconds, and is over when it is lifted", async () => {
    const gate = await startGate({ delivery: { rate: { perSecond: 100, burst: 100 } } });
    for (let worker = 0; worker < 3; worker++) await gate.startWorker();
    const sent: HandoffJson[] = [...(await gate.sendInTurn(150))];
    await gate.simulator.untilSignals(10);
    await gate.pause();
    const before = gate.arrivals().length;
    sent.push(...(await gate.sendInTurn(50)));
    await gate.waitingFor(sent.at(-1) ?? { id: "" }, "pause");
    await sleep(1_000);
    expect(gate.arrivals()).toHaveLength(before);
    await gate.operator.resume(gate.connector.id);
    await gate.delivered(sent);
  });

  it("with an end is over then by itself", async () => {
    const gate = await startGate();
    await gate.startWorker();
    const until = Date.now() + 4_000;
    await gate.operator.pause(gate.connector.id, { until: new Date(until).toISOString() });
    await sleep(HEARD_MS);
    const sent = await gate.sendInTurn(20);
    await gate.delivered(sent);
    for (const { at } of gate.arrivals()) expect(at).toBeGreaterThanOrEqual(until - CLOCK_MS);
  });

  it("does not keep those alive whose deadline passes meanwhile", async () => {
    const gate = await startGate();
    await gate.startWorker();
    await gate.pause();
    const { url, key } = await gate.startAdmin();
    const sent = await gate.sendInTurn(50, { deadlineMs: 2_000 });
    // None of them is read: they must be found dead nevertheless.
    const expired = async () => {
      const answer = await fetch(`${url}/admin/v1/dead-letters?reason=expired`, {
        headers: { authorization: `Bearer ${key}` },
      });
      return ((await answer.json()) as { readonly total: number }).total;
    };
    await expect.poll(expired, { timeout: 20_000 }).toBe(sent.length);
    for (const { status, attempts } of await gate.read(sent))
      expect({ status, attempts }).toEqual({ status: "dead", attempts: [] });
    expect(gate.simulator.signals()).toEqual([]);
  });
});
