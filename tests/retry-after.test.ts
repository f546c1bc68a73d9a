import { createBatonClient, ProblemError } from "@baton/api";
import { describe, expect, it } from "vitest";
import { attemptLines, CLOCK_MS, expectPauses, outcomesOf, startBaton } from "./world/baton.ts";
import { type DeliveryChange, ended } from "./world/world.ts";

/** Short pauses, so that only `Retry-After` can explain a long one. */
const BACKOFF = { baseMs: 100, capMs: 300 };
const LONG_MS = 3_600_000;

const setup = (delivery: DeliveryChange = {}) => startBaton({ delivery: { backoff: BACKOFF, ...delivery } });

/** CXone did not look at any of these, so both guarantees try again. */
const TURNED_AWAY = [
  { status: 425, outcome: "throttled" },
  { status: 429, outcome: "throttled" },
  { status: 503, outcome: "unavailable" },
] as const;

describe("when CXone asks to come back later", () => {
  it.each(TURNED_AWAY)(
    "$status without Retry-After is tried again after the usual wait",
    async ({ status, outcome }) => {
      const { deliver, simulator } = await setup();
      simulator.answer({ status, times: 2 });
      const handoff = await deliver();
      expect(handoff).toMatchObject({ status: "delivered", mayHaveArrived: false, possibleDuplicate: false });
      expect(outcomesOf(handoff)).toEqual([outcome, outcome, "accepted"]);
      expectPauses(simulator.signals(), [50, 100]);
    },
  );

  it.each(TURNED_AWAY)(
    "$status with Retry-After in seconds is not tried again before that",
    async ({ status, outcome }) => {
      const { deliver, simulator, logLines } = await setup();
      simulator.answer({ status, retryAfter: 1, times: 1 });
      expect(outcomesOf(await deliver())).toEqual([outcome, "accepted"]);
      expectPauses(simulator.signals(), [1_000]);
      // On top comes a jitter of up to one base, so that those who were turned away together do not come back together.
      const [first] = attemptLines(logLines);
      expect(first?.retryInMs).toBeGreaterThanOrEqual(1_000);
      expect(first?.retryInMs).toBeLessThan(1_000 + BACKOFF.baseMs);
    },
  );

  it.each(TURNED_AWAY)(
    "$status with Retry-After as a date is not tried again before that date",
    async ({ status, outcome }) => {
      const { deliver, simulator } = await setup();
      const date = new Date(Date.now() + 2_500).toUTCString();
      simulator.answer({ status, retryAfter: date, times: 1 });
      expect(outcomesOf(await deliver())).toEqual([outcome, "accepted"]);
      const [, second] = simulator.signals();
      expect(second?.at).toBeGreaterThanOrEqual(Date.parse(date));
    },
  );

  it.each(["0", "-5", "Sun, 06 Nov 1994 08:49:37 GMT"])(
    "Retry-After: %s, repeated, leaves the handoff the usual waits",
    async (retryAfter) => {
      const { deliver, simulator } = await setup();
      simulator.answer({ status: 429, retryAfter, times: 3 });
      expect(outcomesOf(await deliver())).toEqual(["throttled", "throttled", "throttled", "accepted"]);
      expectPauses(simulator.signals(), [50, 100, 150]);
    },
  );

  it("a Retry-After that says nothing counts as none", async () => {
    const { deliver, simulator } = await setup();
    simulator.answer({ status: 429, retryAfter: "soon", times: 1 });
    expect(outcomesOf(await deliver())).toEqual(["throttled", "accepted"]);
    expectPauses(simulator.signals(), [50]);
  });

  it("a wait that ends after the deadline ends the handoff at once", async () => {
    const { deliver, simulator } = await setup();
    simulator.answer({ status: 429, retryAfter: 3_600 });
    const handoff = await deliver();
    expect(handoff).toMatchObject({
      status: "dead",
      reason: "expired",
      attempts: [{ outcome: "throttled" }],
      mayHaveArrived: false,
    });
    expect(Date.parse(handoff.endedAt ?? "")).toBeLessThan(Date.parse(handoff.deadlineAt));
    expect(simulator.signals()).toHaveLength(1);
  });

  it("the tries are counted all the same", async () => {
    const { deliver, simulator } = await setup({ maxAttempts: 2 });
    simulator.answer({ status: 429, retryAfter: 0 });
    expect(await deliver()).toMatchObject({ status: "dead", reason: "exhausted", mayHaveArrived: false });
    expect(simulator.signals()).toHaveLength(2);
  });
});

describe("at-most-once", () => {
  it.each(TURNED_AWAY)(
    "tries again after $status with Retry-After: CXone says itself that it did nothing",
    async ({ status, outcome }) => {
      const { deliver, simulator } = await setup({ guarantee: "at-most-once" });
      simulator.answer({ status, retryAfter: 1, times: 1 });
      const handoff = await deliver();
      expect(handoff).toMatchObject({ status: "delivered", mayHaveArrived: false, possibleDuplicate: false });
      expect(outcomesOf(handoff)).toEqual([outcome, "accepted"]);
      expectPauses(simulator.signals(), [1_000]);
    },
  );

  it.each([425, 429])("tries again after %i without Retry-After too", async (status) => {
    const { deliver, simulator } = await setup({ guarantee: "at-most-once" });
    simulator.answer({ status, times: 1 });
    expect(outcomesOf(await deliver())).toEqual(["throttled", "accepted"]);
    expectPauses(simulator.signals(), [50]);
  });

  it.each([undefined, "soon"])(
    "takes a 503 with Retry-After %s for a signal that may have arrived",
    async (retryAfter) => {
      const { deliver, simulator } = await setup({ guarantee: "at-most-once" });
      simulator.answer({ status: 503, retryAfter });
      expect(await deliver()).toMatchObject({
        status: "dead",
        reason: "unknown",
        attempts: [{ outcome: "unavailable", httpStatus: 503 }],
        mayHaveArrived: true,
        possibleDuplicate: false,
      });
      expect(simulator.signals()).toHaveLength(1);
    },
  );
});

describe("Retry-After holds the whole connector", () => {
  it("another contact's handoff waits as long", async () => {
    const { send, ended, waitingFor, simulator } = await setup();
    simulator.answer({ status: 429, retryAfter: 2, times: 1 });
    const first = await send();
    await waitingFor(first, "retry");
    const second = await send({ contactId: "100000000002" });
    expect(second).toMatchObject({ status: "queued", waitingFor: "throttle" });
    expect(await ended(second)).toMatchObject({ status: "delivered", attempts: [{ outcome: "accepted" }] });
    const [refused, ...later] = simulator.signals();
    for (const signal of later)
      expect(signal.at).toBeGreaterThanOrEqual((refused?.endedAt ?? Number.NaN) + 2_000 - CLOCK_MS);
  });

  it("a handoff that was accepted before, with its delay over, waits as long", async () => {
    const { send, waitingFor, simulator } = await setup({ deadlineMs: LONG_MS * 2 });
    const delayed = await send({ contactId: "100000000002", delayMs: 1_500 });
    simulator.answer({ status: 503, retryAfter: 3_600, times: 1 });
    await send();
    await waitingFor(delayed, "throttle");
    expect(simulator.signals()).toHaveLength(1);
  });

  it("a handoff that could only be sent after its deadline is refused, and Retry-After says when to come back", async () => {
    const { send, deliver, simulator } = await setup({ maxHoldMs: LONG_MS });
    simulator.answer({ status: 429, retryAfter: 3_600, times: 1 });
    await deliver();
    const refused = await send({ contactId: "100000000002" }).catch((error: unknown) => error);
    expect(refused).toMatchObject({ status: 429, code: "backlog-full" });
    // The hold ends in an hour, and this handoff's deadline is in a minute.
    expect(refused instanceof ProblemError && refused.retryAfterMs).toBeGreaterThan(3_500_000);
    expect(simulator.signals()).toHaveLength(1);
  });

  it("for its maxHoldMs at most: then one handoff at a time probes, and the first that is accepted lets all go", async () => {
    const { send, sendMany, ended, waitingFor, simulator } = await setup({ deadlineMs: LONG_MS * 2, maxHoldMs: 1_000 });
    simulator.settings({ latencyMs: 200 });
    simulator.answer({ status: 429, retryAfter: 3_600, times: 1 });
    const held = await send();
    await waitingFor(held, "retry");
    // CXone is not well yet when the first probe comes.
    simulator.answer({ status: 500, times: 1 });
    const others = await sendMany(6);
    for (const other of others) expect(await ended(other)).toMatchObject({ status: "delivered" });
    const [refused, failed, accepted, ...rest] = simulator.signals();
    const pause = (before: typeof refused, after: typeof refused) =>
      (after?.at ?? Number.NaN) - (before?.endedAt ?? Number.NaN);
    expect(pause(refused, failed)).toBeGreaterThanOrEqual(1_000 - CLOCK_MS);
    expect(pause(failed, accepted)).toBeGreaterThanOrEqual(-CLOCK_MS);
    expect(rest).toHaveLength(5);
    for (const signal of rest) expect(pause(accepted, signal)).toBeGreaterThanOrEqual(-CLOCK_MS);
    // The one that was answered so waits as long as the answer says.
    await waitingFor(held, "retry");
  });

  it("an operator sees until when, and resumes what a broken proxy throttles for an hour", async () => {
    const { send, ended, waitingFor, simulator, startAdmin, connector } = await setup({
      deadlineMs: LONG_MS * 2,
      maxHoldMs: LONG_MS,
    });
    const { url, key } = await startAdmin();
    const admin = createBatonClient({ adminUrl: url, adminKey: key });
    simulator.answer({ status: 429, retryAfter: 3_600, times: 1 });
    const throttled = await send();
    await waitingFor(throttled, "retry");
    const behind = await send({ contactId: "100000000002" });
    const [row] = (await admin.overview()).connectors;
    expect(Date.parse(row?.heldUntil ?? "")).toBeGreaterThan(Date.now() + LONG_MS / 2);
    const headers = { authorization: `Bearer ${key}` };
    await fetch(`${url}/admin/v1/connectors/${connector.id}/resume`, { method: "POST", headers });
    expect(await Promise.all([ended(throttled), ended(behind)])).toMatchObject([
      { status: "delivered" },
      { status: "delivered" },
    ]);
    expect((await admin.overview()).connectors[0]).not.toHaveProperty("heldUntil");
  });

  it("another connector's handoffs go on", async () => {
    const { send, waitingFor, simulator, createConnector, accessKeyId, clientOf } = await setup({
      deadlineMs: LONG_MS * 2,
    });
    simulator.answer({ status: 429, retryAfter: 3_600, accessKeyId });
    await waitingFor(await send(), "retry");
    const neighbour = clientOf(await createConnector());
    const { id } = await neighbour.send({ contactId: "100000000001" });
    expect(await ended(neighbour, id)).toMatchObject({ status: "delivered" });
  });
});
