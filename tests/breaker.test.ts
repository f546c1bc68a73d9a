import { createBatonClient } from "@baton/api";
import type { SeenSignal } from "@baton/simulator";
import { describe, expect, it } from "vitest";
import { CLOCK_MS, startBaton } from "./world/baton.ts";
import type { DeliveryChange } from "./world/world.ts";

/** What opens a breaker: 20 requests, of which 80 % fail. */
const ENOUGH = 20;
/** Retries so far away that none of them meets the breaker. */
const FAR = { backoff: { baseMs: 600_000, capMs: 600_000 }, deadlineMs: 3_600_000 } as const;

const setup = (delivery: DeliveryChange = {}) => startBaton({ delivery: { ...FAR, ...delivery } });
type Setup = Awaited<ReturnType<typeof setup>>;

/** sendAndSettle sends `count` handoffs, and waits until each has been answered once. */
async function sendAndSettle({ sendMany, client }: Setup, count: number): Promise<void> {
  for (const { id } of await sendMany(count)) {
    await expect.poll(async () => (await client.get(id)).attempts.length, { timeout: 20_000, interval: 20 }).toBe(1);
  }
}

/** breakerOf asks the operators' overview. */
async function breakerOf({ startAdmin, connector }: Setup): Promise<string | undefined> {
  const { url, key } = await startAdmin();
  const { connectors } = await createBatonClient({ adminUrl: url, adminKey: key }).overview();
  return connectors.find(({ id }) => id === connector.id)?.breaker;
}

/** The pause between two requests, as CXone saw it. */
function pause(before: SeenSignal | undefined, after: SeenSignal | undefined): number {
  return (after?.at ?? Number.NaN) - (before?.endedAt ?? Number.NaN);
}

describe("the breaker opens", () => {
  it.each([
    { what: "unavailable", fault: { status: 503 } },
    { what: "ambiguous", fault: { status: 500 } },
    { what: "ambiguous by reset", fault: { reset: "before" } },
  ] as const)("after 20 requests that were $what, and the next handoff waits for it", async ({ fault }) => {
    const baton = await setup();
    const { simulator, send, waitingFor } = baton;
    simulator.answer(fault);
    await sendAndSettle(baton, ENOUGH);
    // Every probe fails, so sooner or later the handoff stands behind an open breaker, however slow this machine is.
    await waitingFor(await send(), "breaker");
  });

  it("after 20 requests of which 16 failed", async () => {
    const baton = await setup();
    const { simulator, send, waitingFor } = baton;
    await sendAndSettle(baton, 4);
    simulator.answer({ status: 500 });
    await sendAndSettle(baton, 16);
    await waitingFor(await send(), "breaker");
  });

  it("not after 19 requests that all failed", async () => {
    const baton = await setup();
    baton.simulator.answer({ status: 500 });
    await sendAndSettle(baton, ENOUGH - 1);
    expect(await breakerOf(baton)).toBe("closed");
  });

  it("not while fewer than 80 % fail, and then with the first request that makes it 80 %", async () => {
    const baton = await setup();
    await sendAndSettle(baton, 5);
    baton.simulator.answer({ status: 500 });
    await sendAndSettle(baton, 19);
    expect(await breakerOf(baton)).toBe("closed");
    await sendAndSettle(baton, 1);
    expect(await breakerOf(baton)).not.toBe("closed");
  });

  it("not for what failed longer ago than 10 s", async () => {
    const baton = await setup();
    baton.simulator.answer({ status: 500 });
    await sendAndSettle(baton, ENOUGH - 1);
    const late = await baton.send({ delayMs: 11_000 });
    await baton.waitingFor(late, "retry");
    expect(await breakerOf(baton)).toBe("closed");
  });

  it.each([404, 429])("never because of %i: CXone works", async (status) => {
    const baton = await setup();
    const { simulator, deliver } = baton;
    simulator.answer({ status, times: 25 });
    await sendAndSettle(baton, 25);
    expect(await deliver()).toMatchObject({ status: "delivered", attempts: [{ outcome: "accepted" }] });
    expect(simulator.signals()).toHaveLength(26);
  });

  it("and no other connector notices", async () => {
    const baton = await setup();
    const { simulator, send, waitingFor, accessKeyId, createConnector, clientOf } = baton;
    simulator.answer({ status: 500, accessKeyId });
    await sendAndSettle(baton, ENOUGH);
    await waitingFor(await send(), "breaker");
    const neighbour = clientOf(await createConnector());
    expect(await neighbour.send({ contactId: "1" }, { waitMs: 10_000 })).toMatchObject({ status: "delivered" });
  });
});

describe("while the breaker is open", () => {
  it("nothing is sent for a second, then one probe closes it and lets all go", async () => {
    const baton = await setup();
    const { simulator, sendMany, ended } = baton;
    simulator.answer({ status: 500, times: ENOUGH });
    await sendAndSettle(baton, ENOUGH);
    const waiting = await sendMany(30);
    for (const sent of waiting)
      expect(await ended(sent)).toMatchObject({ status: "delivered", attempts: [{ outcome: "accepted" }] });
    const opened = simulator.signals().slice(0, ENOUGH).at(-1);
    const [probe, ...rest] = simulator.signals({ after: ENOUGH });
    expect(pause(opened, probe)).toBeGreaterThanOrEqual(1_000 - CLOCK_MS);
    expect(rest).toHaveLength(29);
    for (const signal of rest) expect(pause(probe, signal)).toBeGreaterThanOrEqual(0);
  });

  it("nothing else is sent as long as the probe is out, over all workers, not even what is accepted meanwhile", async () => {
    const baton = await setup({ attemptTimeoutMs: 30_000 });
    const { simulator, send, sendMany, ended, startWorker } = baton;
    await startWorker();
    simulator.answer({ status: 500, times: ENOUGH });
    simulator.answer({ delayMs: 2_000, times: 1 });
    await sendAndSettle(baton, ENOUGH);
    const probing = await send();
    await simulator.untilSignals(ENOUGH + 1);
    for (const sent of [...(await sendMany(10)), probing])
      expect(await ended(sent)).toMatchObject({ status: "delivered" });
    const [probe, ...rest] = simulator.signals({ after: ENOUGH });
    expect(probe?.contactId).toBe(probing.contactId);
    expect(rest).toHaveLength(10);
    for (const signal of rest) expect(pause(probe, signal)).toBeGreaterThanOrEqual(0);
  });

  it("each probe that fails doubles the time until the next", async () => {
    const baton = await setup();
    const { simulator, sendMany, ended, startWorker } = baton;
    await startWorker();
    simulator.answer({ status: 500, times: ENOUGH });
    simulator.answer({ status: 503, delayMs: 300, times: 2 });
    await sendAndSettle(baton, ENOUGH);
    const waiting = await sendMany(10);
    await simulator.untilSignals(ENOUGH + 3);
    const [first, second, third] = simulator.signals({ after: ENOUGH });
    expect(pause(first, second)).toBeGreaterThanOrEqual(2_000 - CLOCK_MS);
    expect(pause(second, third)).toBeGreaterThanOrEqual(4_000 - CLOCK_MS);
    expect(third).toMatchObject({ effect: true });
    // Two of the ten were the failed probes; their retries are far away.
    const probed = new Set([first?.contactId, second?.contactId]);
    for (const sent of waiting.filter(({ contactId }) => !probed.has(contactId))) {
      expect(await ended(sent)).toMatchObject({ status: "delivered" });
    }
  });

  it("a handoff whose deadline passes is dead, expired, without an attempt", async () => {
    const baton = await setup();
    const { simulator, send, ended, waitingFor, redis, shards, connector } = baton;
    const doomed = await send({ contactId: "500", delayMs: 5_000, deadlineMs: 1_000 });
    simulator.answer({ status: 500 });
    await sendAndSettle(baton, ENOUGH);
    await waitingFor(await send({ contactId: "400" }), "breaker");
    // As after many failed probes.
    await redis.hset(`${shards.tags[0]}:c:${connector.id}`, "bo", Date.now() + 60_000);
    expect(await ended(doomed)).toMatchObject({ status: "dead", reason: "expired", attempts: [] });
  });

  it("a handoff whose deadline comes before the next probe is refused at once", async () => {
    const baton = await setup();
    const { simulator, send, waitingFor, redis, shards, connector } = baton;
    simulator.answer({ status: 500 });
    await sendAndSettle(baton, ENOUGH);
    await waitingFor(await send({ contactId: "400" }), "breaker");
    await redis.hset(`${shards.tags[0]}:c:${connector.id}`, "bo", Date.now() + 60_000);
    await expect(send({ contactId: "500", deadlineMs: 10_000 })).rejects.toMatchObject({
      status: 429,
      code: "backlog-full",
    });
  });

  it("waiting costs no attempt", async () => {
    const baton = await setup({ maxAttempts: 1 });
    const { simulator, sendMany, send, ended } = baton;
    simulator.answer({ status: 500, times: ENOUGH });
    for (const sent of await sendMany(ENOUGH))
      expect(await ended(sent)).toMatchObject({ status: "dead", reason: "exhausted" });
    expect(await ended(await send())).toMatchObject({
      status: "delivered",
      attempts: [{ number: 1, outcome: "accepted" }],
    });
  });
});
