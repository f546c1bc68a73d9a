/** What goes first: of one contact one at a time and in order, and of one connector the one that fell due first. */
import { setTimeout as sleep } from "node:timers/promises";
import type { HandoffJson } from "@baton/api";
import { describe, expect, it } from "vitest";
import { CONTACT } from "../world/baton.ts";
import { HEARD_MS, overlapping, overtaken, startGate } from "../world/gate.ts";

const keysOf = (signals: readonly { readonly params: { readonly p1?: string } }[]) =>
  signals.map(({ params }) => params.p1);
const named = (count: number) => Array.from({ length: count }, (_, index) => `#${index}`);

describe("one contact's handoffs", () => {
  it("wait for the first while it hangs, then go one at a time, in order and at the rate", async () => {
    const rate = { perSecond: 4, burst: 1 };
    const gate = await startGate({ delivery: { rate, attemptTimeoutMs: 2_000 } });
    for (let worker = 0; worker < 2; worker++) await gate.startWorker();
    gate.simulator.answer({ on: "signal", hang: true, times: 1 });
    const sent: HandoffJson[] = [];
    for (const p1 of named(8)) sent.push(await gate.send({ params: { p1 } }));
    const handoffs = await gate.delivered(sent);
    expect(keysOf(gate.arrivals())).toEqual(["#0", ...named(8)]);
    expect(overlapping(gate.arrivals())).toEqual([]);
    gate.expectRate(rate, { arrivals: gate.arrivals(), handoffs });
  });

  it("keep their order over three workers, however long each answer takes and whichever fails between", async () => {
    const gate = await startGate({ delivery: { backoff: { baseMs: 100, capMs: 200 } } });
    for (let worker = 0; worker < 3; worker++) await gate.startWorker();
    for (const delayMs of [120, 0, 60]) gate.simulator.answer({ on: "signal", delayMs, times: 5 });
    gate.simulator.answer({ on: "signal", status: 503, times: 4 });
    const sent: HandoffJson[] = [];
    for (const p1 of named(25)) sent.push(await gate.send({ params: { p1 } }));
    await gate.delivered(sent);
    expect(keysOf(gate.arrivals().filter(({ effect }) => effect))).toEqual(named(25));
    expect(overlapping(gate.arrivals())).toEqual([]);
  });

  it("are sent in the order in which they fall due, not in which they came", async () => {
    const gate = await startGate();
    await gate.pause();
    await gate.startWorker();
    const delays: Readonly<Record<string, number>> = { last: 3_000, second: 900, first: 0, third: 1_800 };
    const sent: HandoffJson[] = [];
    for (const [p1, delayMs] of Object.entries(delays)) sent.push(await gate.send({ params: { p1 }, delayMs }));
    for (const handoff of sent) await gate.isDue(handoff);
    await gate.operator.resume(gate.connector.id);
    await gate.delivered(sent);
    expect(keysOf(gate.arrivals())).toEqual(["first", "second", "third", "last"]);
  });

  it("hold up no other of their connector, though hundreds of them wait", async () => {
    const gate = await startGate({ delivery: { attemptTimeoutMs: 20_000, rate: { perSecond: 200, burst: 50 } } });
    await gate.startWorker();
    gate.simulator.answer({ on: "signal", contactId: CONTACT, hang: true, times: 1 });
    const first = await gate.send();
    await gate.simulator.untilSignals(1, { contactId: CONTACT });
    for (let batch = 0; batch < 3; batch++)
      await gate.client.sendBatch(Array.from({ length: 100 }, () => ({ contactId: CONTACT })));
    await gate.delivered(await gate.sendInTurn(30));
    expect(await gate.client.get(first.id)).toMatchObject({ status: "sending" });
    expect(gate.simulator.signals({ contactId: CONTACT })).toHaveLength(1);
  });
});

describe("one connector's handoffs", () => {
  it("that wait for the rate go before new ones", async () => {
    const rate = { perSecond: 20, burst: 5 };
    const gate = await startGate({ delivery: { rate } });
    for (let worker = 0; worker < 2; worker++) await gate.startWorker();
    const sent: HandoffJson[] = [...(await gate.sendInTurn(60))];
    // New ones as long as others wait: each comes when a slot of the rate has just been used.
    for (let seen = 10; seen <= 60; seen += 5) {
      await gate.simulator.untilSignals(seen);
      sent.push(...(await gate.sendInTurn(2)));
    }
    const handoffs = await gate.delivered(sent);
    expect(overtaken(handoffs)).toEqual([]);
    gate.expectRate(rate, { arrivals: gate.arrivals(), handoffs });
  });

  it("keep their places while no process has a token", async () => {
    const gate = await startGate({ delivery: { rate: { perSecond: 50, burst: 1 }, deadlineMs: 30_000 } });
    gate.simulator.answer({ on: "token", status: 500, times: 1 });
    await gate.startWorker();
    const first = await gate.send({ contactId: "700000000001" });
    const sent = [first, ...(await gate.sendInTurn(299))];
    const handoffs = await gate.delivered(sent);
    expect(gate.arrivals()[0]?.contactId).toBe(first.contactId);
    expect(overtaken(handoffs)).toEqual([]);
  });

  it("that fail wait for their next attempt's own moment: behind those that fell due before it, before those that come after", async () => {
    const backoff = { baseMs: 2_000, capMs: 2_000 };
    const gate = await startGate({ delivery: { rate: { perSecond: 10, burst: 1 }, backoff } });
    await gate.startWorker();
    gate.simulator.answer({ on: "signal", contactId: "700000000002", status: 503, times: 1 });
    const failing = await gate.send({ contactId: "700000000002" });
    const before = await gate.sendInTurn(40);
    // Its second attempt falls due within two seconds of the first, when half of them are still waiting.
    await gate.simulator.untilSignals(30);
    const after = await gate.sendInTurn(10);
    const [failed] = await gate.delivered([failing]);
    const second = failed?.attempts[1]?.startedAt ?? "";
    for (const { attempts } of await gate.delivered(before))
      expect(attempts[0]?.startedAt.localeCompare(second)).not.toBe(1);
    for (const { attempts } of await gate.delivered(after))
      expect(attempts[0]?.startedAt.localeCompare(second)).not.toBe(-1);
  });

  it("whose gate is closed are let go in the order in which they fell due", async () => {
    const gate = await startGate({ delivery: { rate: { perSecond: 20, burst: 1 } } });
    await gate.pause();
    await gate.startWorker();
    const delays: Readonly<Record<string, number>> = { third: 2_000, first: 0, second: 1_000 };
    const sent: HandoffJson[] = [];
    for (const [p1, delayMs] of Object.entries(delays)) {
      sent.push(await gate.send({ contactId: String(700_000_000_010 + sent.length), params: { p1 }, delayMs }));
    }
    for (const handoff of sent) await gate.waitingFor(handoff, "pause");
    sent.push(await gate.send({ contactId: "700000000020", params: { p1: "newcomer" } }));
    await gate.operator.resume(gate.connector.id);
    await gate.delivered(sent);
    expect(keysOf(gate.arrivals())).toEqual(["first", "second", "third", "newcomer"]);
  });
});

it("many gates that open at once each get their turn", async () => {
  const gate = await startGate();
  const rate = { perSecond: 5, burst: 1 };
  const others = await Promise.all(Array.from({ length: 40 }, () => gate.createConnector({ delivery: { rate } })));
  await gate.startWorker();
  // Every worker has a token by then.
  await Promise.all(others.map((other) => gate.clientOf(other).send({ contactId: "710000000000" })));
  await gate.simulator.untilSignals(others.length);
  await gate.operator.pauseAll();
  await sleep(HEARD_MS);
  const bodies = Array.from({ length: 20 }, (_, index) => ({ contactId: String(710_000_000_001 + index) }));
  for (const other of others) await gate.clientOf(other).sendBatch(bodies);
  await gate.operator.resumeAll();
  await gate.simulator.untilSignals(others.length * (bodies.length + 1));
  const counts = new Map<string, number>(others.map(({ accessKeyId }) => [accessKeyId, 0]));
  for (const { accessKeyId = "" } of gate.simulator.signals({ after: others.length })) {
    const count = (counts.get(accessKeyId) ?? 0) + 1;
    counts.set(accessKeyId, count);
    // Those before took four seconds; a resume is seen within two, and then each has its turn.
    if (count === bodies.length) expect(Math.min(...counts.values())).toBeGreaterThan(0);
  }
  expect(new Set(counts.values())).toEqual(new Set([bodies.length]));
});
