import { describe, expect, it } from "vitest";
import { outcomesOf, startBaton } from "./world/baton.ts";
import type { DeliveryChange } from "./world/world.ts";

const setup = (delivery: DeliveryChange = {}) =>
  startBaton({ delivery: { backoff: { baseMs: 100, capMs: 300 }, ...delivery } });

describe.each([401, 403])("when CXone answers %i to a token", (status) => {
  it("it is renewed and the signal sent once more, in the same attempt", async () => {
    const { deliver, simulator } = await setup();
    simulator.answer({ status, times: 1 });
    expect(await deliver()).toMatchObject({
      status: "delivered",
      attempts: [{ number: 1, outcome: "accepted", httpStatus: 202 }],
      mayHaveArrived: false,
      possibleDuplicate: false,
    });
    const [refused, accepted, ...more] = simulator.signals();
    expect(accepted?.token).not.toBe(refused?.token);
    expect(more).toHaveLength(0);
    expect(simulator.tokenRequests()).toHaveLength(2);
  });

  it("a second refusal ends the handoff: the keys lack the right", async () => {
    const { deliver, simulator } = await setup();
    simulator.answer({ status });
    expect(await deliver()).toMatchObject({
      status: "dead",
      reason: "credentials",
      attempts: [{ outcome: "unauthorized", httpStatus: status }],
      mayHaveArrived: false,
    });
    expect(simulator.signals()).toHaveLength(2);
    expect(simulator.tokenRequests()).toHaveLength(2);
  });

  it("no renewal is forced twice in 30 s: the next handoff ends after one request", async () => {
    const { deliver, simulator } = await setup();
    simulator.answer({ status });
    await deliver();
    expect(await deliver()).toMatchObject({
      status: "dead",
      reason: "credentials",
      attempts: [{ outcome: "unauthorized" }],
    });
    expect(simulator.signals()).toHaveLength(3);
    expect(simulator.tokenRequests()).toHaveLength(2);
  });

  it("fifty handoffs that all get it cost at most two token requests", async () => {
    const { sendMany, ended, startWorker, simulator } = await setup();
    await startWorker();
    simulator.answer({ status });
    for (const sent of await sendMany(50)) {
      expect(await ended(sent)).toMatchObject({
        status: "dead",
        reason: "credentials",
        attempts: [{ outcome: "unauthorized" }],
      });
    }
    expect(simulator.tokenRequests()).toHaveLength(2);
  });

  it("a handoff refused with an old token takes the one that is cached by now", async () => {
    const { send, ended, deliver, simulator } = await setup({ attemptTimeoutMs: 30_000 });
    simulator.answer({ status, delayMs: 1_500, contactId: "200000000001", times: 1 });
    simulator.answer({ status, contactId: "200000000002", times: 1 });
    const slow = await send({ contactId: "200000000001" });
    await simulator.untilSignals(1);
    expect(await deliver({ contactId: "200000000002" })).toMatchObject({ status: "delivered" });
    expect(await ended(slow)).toMatchObject({ status: "delivered", attempts: [{ outcome: "accepted" }] });
    expect(simulator.tokenRequests()).toHaveLength(2);
    const tokens = simulator.signals({ contactId: "200000000001" }).map(({ token }) => token);
    expect(new Set(tokens).size).toBe(2);
  });
});

describe("when the token must be renewed and the token endpoint", () => {
  it.each([
    { what: "is down", fault: { on: "token", status: 503 } },
    { what: "answers garbage", fault: { on: "token", body: "<html>Welcome</html>" } },
    { what: "is slower than the attempt may last", fault: { on: "token", delayMs: 1_000, times: 1 } },
  ] as const)("$what, the handoff waits for it and loses no attempt", async ({ fault }) => {
    const { deliver, send, waitingFor, ended, simulator } = await setup({ maxAttempts: 2, attemptTimeoutMs: 500 });
    await deliver();
    simulator.revokeTokens();
    simulator.answer(fault);
    const sent = await send();
    await waitingFor(sent, "token");
    simulator.repair();
    // Two tries are allowed, and both are left: one is turned away, the other gets through.
    simulator.answer({ status: 429, times: 1 });
    const handoff = await ended(sent);
    expect(handoff).toMatchObject({ status: "delivered", mayHaveArrived: false, possibleDuplicate: false });
    expect(outcomesOf(handoff)).toEqual(["unauthorized", "throttled", "accepted"]);
    expect(simulator.signals({ effect: true })).toHaveLength(2);
  });

  it.each([400, 401, 403])("answers %i, the handoff is dead: CXone refuses these keys", async (status) => {
    const { deliver, simulator } = await setup();
    await deliver();
    simulator.revokeTokens();
    simulator.answer({ on: "token", status });
    expect(await deliver()).toMatchObject({
      status: "dead",
      reason: "credentials",
      attempts: [{ outcome: "unauthorized", httpStatus: 401 }],
    });
    expect(await deliver()).toMatchObject({ status: "dead", reason: "credentials" });
    expect(simulator.tokenRequests()).toHaveLength(2);
  });
});

it("a token that has expired is fetched anew before it is used", async () => {
  const { deliver, simulator } = await setup();
  simulator.settings({ tokenLifetimeSeconds: 1 });
  await deliver();
  simulator.settings({ tokenLifetimeSeconds: 3_600 });
  expect(await deliver({ delayMs: 1_500 })).toMatchObject({ status: "delivered", attempts: [{ outcome: "accepted" }] });
  expect(simulator.tokenRequests()).toHaveLength(2);
  expect(simulator.signals().map(({ status }) => status)).toEqual([202, 202]);
});
