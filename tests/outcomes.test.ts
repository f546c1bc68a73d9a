import { describe, expect, it } from "vitest";
import { attemptLines, expectPauses, outcomesOf, startBaton } from "./world/baton.ts";
import type { ConnectorChange } from "./world/world.ts";

/** Short pauses, so that a test sees many: 100, 200, then 300 ms, each or up to half of it less. */
const BACKOFF = { baseMs: 100, capMs: 300 };

const setup = (delivery: ConnectorChange["delivery"] = {}) =>
  startBaton({ delivery: { backoff: BACKOFF, ...delivery } });
const setupAtMostOnce = () => setup({ guarantee: "at-most-once" });

describe("when CXone takes the signal", () => {
  it.each([200, 202, 204] as const)("a handoff is delivered with %i, and nothing more is sent", async (httpStatus) => {
    const { deliver, simulator } = await setup();
    simulator.settings({ signalStatus: httpStatus });
    expect(await deliver()).toMatchObject({
      status: "delivered",
      attempts: [{ number: 1, outcome: "accepted", httpStatus }],
      mayHaveArrived: false,
      possibleDuplicate: false,
    });
    expect(simulator.signals()).toHaveLength(1);
    expect(simulator.tokenRequests()).toHaveLength(1);
  });

  it("a handoff is delivered though the answer is cut off behind its status", async () => {
    const { deliver, simulator } = await setup();
    simulator.answer({ reset: "during", times: 1 });
    expect(await deliver()).toMatchObject({
      status: "delivered",
      attempts: [{ outcome: "accepted", httpStatus: 202 }],
      mayHaveArrived: false,
    });
    expect(simulator.signals()).toHaveLength(1);
  });

  it("a handoff is delivered though the script never notices: 2xx is all that CXone says", async () => {
    const { deliver, simulator } = await setup();
    simulator.contact("100000000001", "ended", { status: 202 });
    expect(await deliver()).toMatchObject({
      status: "delivered",
      attempts: [{ outcome: "accepted", httpStatus: 202 }],
    });
    expect(simulator.signals()).toMatchObject([{ effect: false }]);
  });
});

describe("when CXone refuses the contact or its parameters", () => {
  it.each([400, 402, 404, 405, 409, 410, 413, 414, 418, 422, 451])(
    "%i ends the handoff at once, after one request",
    async (status) => {
      const { deliver, simulator } = await setup();
      simulator.answer({ status });
      expect(await deliver()).toMatchObject({
        status: "dead",
        reason: "rejected",
        attempts: [{ outcome: "rejected", httpStatus: status }],
        mayHaveArrived: false,
      });
      expect(simulator.signals()).toHaveLength(1);
      expect(simulator.tokenRequests()).toHaveLength(1);
    },
  );

  it("at-most-once changes nothing about it", async () => {
    const { deliver, simulator } = await setupAtMostOnce();
    simulator.contact("100000000001", "ended");
    expect(await deliver()).toMatchObject({
      status: "dead",
      reason: "rejected",
      attempts: [{ outcome: "rejected", httpStatus: 404 }],
    });
  });

  it("the handoff shows CXone's words, wherever CXone put them", async () => {
    const { deliver, simulator } = await setup();
    simulator.answer({ status: 404, icStatusDescription: "Contact is not active", times: 1 });
    simulator.answer({ status: 400, body: "<html><h1>no known way to render</h1></html>" });
    expect(await deliver()).toMatchObject({ attempts: [{ detail: "Contact is not active" }] });
    expect(await deliver()).toMatchObject({ attempts: [{ detail: "no known way to render" }] });
  });

  it("the handoff never repeats a parameter that CXone echoed", async () => {
    const { deliver, simulator, logLines } = await setup();
    simulator.answer({ echoParams: true });
    const handoff = await deliver({ params: { p1: "Kontonummer 4711 & Söhne" } });
    expect(handoff.attempts).toMatchObject([{ outcome: "rejected", detail: expect.stringContaining("[redacted]") }]);
    expect(JSON.stringify([handoff, logLines])).not.toMatch(/4711|Söhne|S%C3%B6hne/i);
  });
});

/** Each leaves open whether the signal arrived. */
const AMBIGUOUS = [
  { what: "408", fault: { status: 408 } },
  { what: "500", fault: { status: 500 } },
  { what: "502", fault: { status: 502 } },
  { what: "504", fault: { status: 504 } },
  { what: "507, as any other 5xx", fault: { status: 507 } },
  { what: "a reset before the signal took effect", fault: { reset: "before" } },
  { what: "a reset after the signal took effect", fault: { reset: "after" } },
  { what: "a 500 cut off", fault: { status: 500, reset: "during" } },
  { what: "no answer in time", fault: { hang: true } },
] as const;

describe("when it is not known whether the signal arrived", () => {
  it.each(AMBIGUOUS)("at-least-once tries again after $what, and says what that may mean", async ({ fault }) => {
    const { deliver, simulator } = await setup({ attemptTimeoutMs: 400 });
    simulator.answer({ ...fault, times: 1 });
    expect(await deliver()).toMatchObject({
      status: "delivered",
      attempts: [{ outcome: "ambiguous" }, { outcome: "accepted" }],
      mayHaveArrived: true,
      possibleDuplicate: true,
    });
    expectPauses(simulator.signals(), [50]);
  });

  it.each(AMBIGUOUS)("at-most-once never tries again after $what", async ({ fault }) => {
    const { deliver, simulator } = await setup({ guarantee: "at-most-once", attemptTimeoutMs: 400 });
    simulator.answer({ ...fault, times: 1 });
    expect(await deliver()).toMatchObject({
      status: "dead",
      reason: "unknown",
      attempts: [{ number: 1, outcome: "ambiguous" }],
      mayHaveArrived: true,
      possibleDuplicate: false,
    });
    expect(simulator.signals()).toHaveLength(1);
  });
});

describe("between two attempts", () => {
  it("the wait doubles up to its cap, and is never shorter than half of that", async () => {
    const { deliver, simulator, logLines } = await setup();
    simulator.answer({ status: 500, times: 4 });
    const handoff = await deliver();
    expect(outcomesOf(handoff)).toEqual(["ambiguous", "ambiguous", "ambiguous", "ambiguous", "accepted"]);
    expectPauses(simulator.signals(), [50, 100, 150, 150]);
    const planned = attemptLines(logLines).flatMap(({ retryInMs }) => retryInMs ?? []);
    expect(planned).toHaveLength(4);
    for (const [index, ceilingMs] of [100, 200, 300, 300].entries()) {
      expect(planned[index]).toBeGreaterThanOrEqual(ceilingMs / 2);
      expect(planned[index]).toBeLessThan(ceilingMs);
    }
  });

  it("a handoff waits for its retry, and says until when", async () => {
    const { send, waitingFor, client, simulator } = await setup({ backoff: { baseMs: 30_000, capMs: 30_000 } });
    simulator.answer({ status: 500, times: 1 });
    const sent = await send();
    await waitingFor(sent, "retry");
    const { status, nextAttemptAt = "", attempts } = await client.get(sent.id);
    expect(status).toBe("queued");
    expect(Date.parse(nextAttemptAt) - Date.parse(attempts[0]?.startedAt ?? "")).toBeGreaterThanOrEqual(15_000);
  });
});

describe("when all tries are used up", () => {
  it("the handoff is dead, exhausted, after exactly as many requests as the connector allows", async () => {
    const { deliver, simulator } = await setup({ maxAttempts: 3 });
    simulator.answer({ status: 502 });
    const handoff = await deliver();
    expect(handoff).toMatchObject({
      status: "dead",
      reason: "exhausted",
      mayHaveArrived: true,
      possibleDuplicate: true,
    });
    expect(outcomesOf(handoff)).toEqual(["ambiguous", "ambiguous", "ambiguous"]);
    expect(simulator.signals()).toHaveLength(3);
  });

  it("one allowed attempt means one request, and no duplicate", async () => {
    const { deliver, simulator } = await setup({ maxAttempts: 1 });
    simulator.answer({ status: 500 });
    expect(await deliver()).toMatchObject({ status: "dead", reason: "exhausted", possibleDuplicate: false });
    expect(simulator.signals()).toHaveLength(1);
  });
});

describe("when the deadline comes first", () => {
  it("the handoff is dead, expired, at once: it does not wait for a retry that would come too late", async () => {
    const { deliver, simulator } = await setup({ backoff: { baseMs: 60_000, capMs: 60_000 }, deadlineMs: 20_000 });
    simulator.answer({ status: 500 });
    const handoff = await deliver();
    expect(handoff).toMatchObject({ status: "dead", reason: "expired", attempts: [{ outcome: "ambiguous" }] });
    expect(Date.parse(handoff.endedAt ?? "")).toBeLessThan(Date.parse(handoff.deadlineAt));
    expect(simulator.signals()).toHaveLength(1);
  });

  it("a request still out is given up at the deadline, not at its own time limit", async () => {
    const { deliver, simulator } = await setup({ attemptTimeoutMs: 30_000, deadlineMs: 1_000 });
    simulator.answer({ hang: true });
    const handoff = await deliver();
    expect(handoff).toMatchObject({
      status: "dead",
      reason: "expired",
      attempts: [{ outcome: "ambiguous" }],
      mayHaveArrived: true,
    });
    expect(simulator.signals()).toHaveLength(1);
  });
});
