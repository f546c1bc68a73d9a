/**
 * A refusal at acceptance is right: what is refused would have come too late, and what is accepted is sent
 * in time.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type HandoffJson, ProblemError } from "@baton/api";
import { describe, expect, it } from "vitest";
import { type Gate, HEARD_MS, nextContacts, startGate } from "../world/gate.ts";

/** At least so much is left of a deadline when its slot comes. Milliseconds. */
const LEFT_MS = 250;
/**
 * What the way from the caller to the estimate, and from the slot to the stand-in, may take on a busy machine.
 * Milliseconds.
 */
const WAY_MS = 150;
const REFUSED = { status: 429, code: "backlog-full" } as const;

type Body = Parameters<Gate["send"]>[0];

async function refusal({ send }: Gate, body: Body): Promise<ProblemError> {
  const error: unknown = await send(body).then(
    (handoff) => handoff,
    (refused: unknown) => refused,
  );
  expect(error).toMatchObject(REFUSED);
  if (!(error instanceof ProblemError)) throw error;
  expect(error.retryAfterMs).toBeGreaterThan(0);
  return error;
}

describe("the rate and what waits for it", () => {
  it("refuse exactly those whose slot would come less than 250 ms before their deadline", async () => {
    const gate = await startGate({ delivery: { rate: { perSecond: 2, burst: 1 } } });
    await gate.startWorker();
    await gate.sendInTurn(6);
    const [contactId = ""] = nextContacts(1);
    let deadlineMs = 1_000;
    let accepted: HandoffJson | undefined;
    let lastRefusedAt = 0;
    while (accepted === undefined && deadlineMs < 10_000) {
      const askedAt = Date.now();
      accepted = await gate.send({ contactId, deadlineMs }).catch((refused: unknown) => {
        expect(refused).toMatchObject(REFUSED);
        lastRefusedAt = askedAt + deadlineMs;
        return undefined;
      });
      deadlineMs += 20;
    }
    // A machine that stood still for longer than what is left says nothing about the estimate.
    if (gate.lateMs() > WAY_MS) return;
    expect(await gate.ended(accepted ?? { id: "" })).toMatchObject({ status: "delivered" });
    const arrivedAt = gate.simulator.signals({ contactId })[0]?.at ?? Number.NaN;
    const { deadlineAt = "" } = accepted ?? {};
    expect(Date.parse(deadlineAt) - arrivedAt).toBeGreaterThanOrEqual(LEFT_MS - WAY_MS);
    expect(lastRefusedAt - arrivedAt).toBeLessThan(LEFT_MS + WAY_MS);
  });

  it("count what is delayed and falls due earlier, and not what falls due later", async () => {
    const gate = await startGate({ delivery: { rate: { perSecond: 5, burst: 1 } } });
    await gate.startWorker();
    await gate.sendInTurn(20, { delayMs: 3_000 });
    const now = await gate.send({ contactId: "820000000001", deadlineMs: 1_500 });
    expect(await gate.ended(now)).toMatchObject({ status: "delivered" });
    // Twenty fall due just before it: four seconds' worth.
    await refusal(gate, { contactId: "820000000002", delayMs: 3_500, deadlineMs: 1_500 });
    await gate.delivered([await gate.send({ contactId: "820000000003", delayMs: 3_500, deadlineMs: 8_000 })]);
  });

  it("count those that wait behind another of their contact", async () => {
    const gate = await startGate({ delivery: { rate: { perSecond: 5, burst: 1 }, attemptTimeoutMs: 20_000 } });
    await gate.startWorker();
    gate.simulator.answer({ on: "signal", contactId: "820000000010", hang: true, times: 1 });
    for (let count = 0; count < 20; count++) await gate.send({ contactId: "820000000010" });
    await gate.simulator.untilSignals(1);
    await refusal(gate, { contactId: "820000000011", deadlineMs: 2_000 });
  });

  it("have no place left for those who were cancelled, and none for those who ended", async () => {
    const gate = await startGate({ delivery: { rate: { perSecond: 2, burst: 1 } } });
    await gate.startWorker();
    const sent = await gate.sendInTurn(30);
    await refusal(gate, { contactId: "820000000020", deadlineMs: 5_000 });
    // One of them may have gone meanwhile.
    for (const { id } of sent.slice(3)) await gate.client.cancel(id).catch(() => undefined);
    const late = await gate.send({ contactId: "820000000021", deadlineMs: 5_000 });
    expect(await gate.ended(late)).toMatchObject({ status: "delivered" });
  });

  it("and one that comes again when Retry-After says is accepted", async () => {
    const gate = await startGate({ delivery: { rate: { perSecond: 10, burst: 1 } } });
    await gate.startWorker();
    await gate.sendInTurn(40);
    const { retryAfterMs = 0 } = await refusal(gate, { contactId: "820000000030", deadlineMs: 2_000 });
    await sleep(retryAfterMs);
    expect(await gate.ended(await gate.send({ contactId: "820000000030", deadlineMs: 2_000 }))).toMatchObject({
      status: "delivered",
    });
  });
});

describe("what is known of the gate's end", () => {
  it("counts: CXone's Retry-After", async () => {
    const gate = await startGate({ delivery: { deadlineMs: 120_000 } });
    await gate.startWorker();
    gate.simulator.answer({ on: "signal", status: 429, retryAfter: 20, times: 1 });
    await gate.waitingFor(await gate.send(), "retry");
    const { retryAfterMs = 0 } = await refusal(gate, { contactId: "820000000040", deadlineMs: 10_000 });
    expect(retryAfterMs).toBeGreaterThan(5_000);
    expect(await gate.send({ contactId: "820000000041", deadlineMs: 60_000 })).toMatchObject({ status: "queued" });
  });

  it("counts: a pause that has one", async () => {
    const gate = await startGate();
    await gate.startWorker();
    await gate.operator.pause(gate.connector.id, { until: new Date(Date.now() + 30_000).toISOString() });
    await sleep(HEARD_MS);
    await refusal(gate, { contactId: "820000000050", deadlineMs: 10_000 });
    expect(await gate.send({ contactId: "820000000051", deadlineMs: 60_000 })).toMatchObject({ status: "queued" });
  });

  it("does not, where a pause has none: it may be lifted at any time", async () => {
    const gate = await startGate({ delivery: { rate: { perSecond: 100, burst: 10 } } });
    await gate.startWorker();
    await gate.pause();
    const sent = await gate.sendInTurn(20, { deadlineMs: 20_000 });
    await gate.operator.resume(gate.connector.id);
    await gate.delivered(sent);
  });
});
