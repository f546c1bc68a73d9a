import { type Simulator, startSimulator } from "@baton/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { outcomesOf, startBaton } from "./world/baton.ts";
import type { ConnectorChange } from "./world/world.ts";

/** setup starts a Baton, and counts how often its CXone is asked where the tenant's API is. */
async function setup(change: ConnectorChange = {}) {
  const baton = await startBaton({ ...change, delivery: { backoff: { baseMs: 100, capMs: 300 }, ...change.delivery } });
  const counter = baton.simulator.answer({ on: "discovery", accessKeyId: baton.accessKeyId });
  const discoveries = () => baton.simulator.faults().find(({ id }) => id === counter)?.used;
  return { ...baton, discoveries };
}

/** Where a redirect leads: another CXone, that must never get our token. */
async function startElsewhere(): Promise<Simulator> {
  const elsewhere = await startSimulator();
  onTestFinished(() => elsewhere.close());
  return elsewhere;
}

/** The same CXone by another name. */
function renamed({ port }: Simulator): string {
  return `http://localhost:${port}`;
}

describe("when CXone redirects a signal", () => {
  it.each([301, 302, 303, 307, 308])("%i is not followed, and ends the handoff after one request", async (status) => {
    const { deliver, simulator, discoveries } = await setup();
    const elsewhere = await startElsewhere();
    simulator.answer({
      status,
      redirectTo: `${elsewhere.url}/inContactAPI/services/v30.0/interactions/100000000001/signal`,
    });
    expect(await deliver()).toMatchObject({
      status: "dead",
      reason: "configuration",
      attempts: [{ outcome: "redirected", httpStatus: status, detail: expect.stringContaining(elsewhere.url) }],
      mayHaveArrived: false,
    });
    expect(simulator.signals()).toHaveLength(1);
    expect(elsewhere.signals()).toHaveLength(0);
    // Once for the token, and once more because of the redirect; the token itself was not refused.
    expect(discoveries()).toBe(2);
    expect(simulator.tokenRequests()).toHaveLength(1);
  });

  it.each([300, 304])("%i without a new address is one too", async (status) => {
    const { deliver, simulator } = await setup();
    simulator.answer({ status });
    expect(await deliver()).toMatchObject({
      reason: "configuration",
      attempts: [{ outcome: "redirected", httpStatus: status }],
    });
    expect(simulator.signals()).toHaveLength(1);
  });

  it("at-most-once changes nothing about it", async () => {
    const { deliver, simulator } = await setup({ delivery: { guarantee: "at-most-once" } });
    simulator.answer({ redirectTo: "http://127.0.0.1:1/" });
    expect(await deliver()).toMatchObject({ status: "dead", reason: "configuration", mayHaveArrived: false });
  });

  it("an address that has changed is tried in the same attempt, with the same token", async () => {
    const { deliver, simulator, discoveries } = await setup();
    await deliver();
    simulator.settings({ apiEndpoint: renamed(simulator) });
    simulator.answer({ redirectTo: renamed(simulator), times: 1 });
    expect(await deliver()).toMatchObject({
      status: "delivered",
      attempts: [{ outcome: "accepted" }],
      possibleDuplicate: false,
    });
    expect(simulator.signals().map(({ status, token }) => [status, token])).toEqual([
      [202, "token-1"],
      [302, "token-1"],
      [202, "token-1"],
    ]);
    expect(discoveries()).toBe(2);
    expect(await deliver()).toMatchObject({ status: "delivered" });
    expect(discoveries()).toBe(2);
  });

  it("an address that has changed and redirects too ends the handoff", async () => {
    const { deliver, simulator, discoveries } = await setup();
    await deliver();
    simulator.settings({ apiEndpoint: renamed(simulator) });
    simulator.answer({ redirectTo: renamed(simulator) });
    expect(await deliver()).toMatchObject({
      status: "dead",
      reason: "configuration",
      attempts: [{ outcome: "redirected" }],
    });
    expect(simulator.signals()).toHaveLength(3);
    expect(discoveries()).toBe(2);
  });

  it("an address that has changed to a host that is not allowed is never asked", async () => {
    const { deliver, simulator } = await setup();
    await deliver();
    simulator.settings({ apiEndpoint: "https://evilniceincontact.com" });
    simulator.answer({ redirectTo: "https://evilniceincontact.com" });
    expect(await deliver()).toMatchObject({
      status: "dead",
      reason: "configuration",
      attempts: [{ outcome: "redirected" }],
    });
    expect(simulator.signals()).toHaveLength(2);
  });

  it("a connector whose API address is fixed does not ask for another", async () => {
    const elsewhere = await startElsewhere();
    const { deliver, simulator, discoveries } = await setup({ cxone: { apiEndpoint: elsewhere.url } });
    elsewhere.answer({ redirectTo: simulator.url });
    expect(await deliver()).toMatchObject({
      status: "dead",
      reason: "configuration",
      attempts: [{ outcome: "redirected" }],
    });
    expect(elsewhere.signals()).toHaveLength(1);
    expect(simulator.signals()).toHaveLength(0);
    expect(discoveries()).toBe(0);
  });

  it("a discovery that is down leaves the handoff its tries: CXone did nothing", async () => {
    const { deliver, simulator, accessKeyId } = await setup();
    await deliver();
    simulator.repair();
    simulator.answer({ on: "discovery", accessKeyId, status: 503, times: 1 });
    simulator.answer({ redirectTo: renamed(simulator), times: 1 });
    const handoff = await deliver();
    expect(handoff).toMatchObject({ status: "delivered", mayHaveArrived: false, possibleDuplicate: false });
    expect(outcomesOf(handoff)).toEqual(["unreachable", "accepted"]);
  });

  it("thirty handoffs that all meet it ask discovery once more, not thirty times", async () => {
    const { sendMany, ended, startWorker, simulator, discoveries } = await setup();
    await startWorker();
    simulator.answer({ redirectTo: "http://127.0.0.1:1/" });
    for (const sent of await sendMany(30))
      expect(await ended(sent)).toMatchObject({ status: "dead", reason: "configuration" });
    expect(discoveries()).toBe(2);
    expect(simulator.signals()).toHaveLength(30);
  });
});
