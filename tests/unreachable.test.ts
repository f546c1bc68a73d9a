import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { pipeline } from "node:stream";
import type { HandoffJson } from "@baton/api";
import { startSimulator } from "@baton/simulator";
import { describe, expect, it, onTestFinished } from "vitest";
import { CLOCK_MS, outcomesOf, startBaton } from "./world/baton.ts";
import { type DeliveryChange, ended } from "./world/world.ts";

/** No process listens on port 1: every connection is refused. */
const CLOSED_PORT = "http://127.0.0.1:1";

const DELIVERY = { backoff: { baseMs: 100, capMs: 300 }, maxAttempts: 3, attemptTimeoutMs: 400 } as const;
const HOSTS = { BATON_ALLOWED_HOSTS: "http://127.0.0.1:*,https://127.0.0.1:*,http://unknown.invalid" };

/** setup starts a Baton whose CXone names `apiEndpoint` for its API. */
async function setup(apiEndpoint: string, delivery: DeliveryChange = {}) {
  return startBaton({ cxone: { apiEndpoint }, delivery: { ...DELIVERY, ...delivery } }, HOSTS);
}

/** A server that takes connections and never says a word. */
async function startSilence(): Promise<string> {
  return `127.0.0.1:${portOf(await listen(createServer(), 0))}`;
}

/** An address that refuses connections until it is opened to another port. */
async function startDoor() {
  const shut = await listen(createServer(), 0);
  const port = portOf(shut);
  await new Promise((resolve) => shut.close(resolve));
  return {
    url: `http://127.0.0.1:${port}`,
    open: (to: number) =>
      listen(
        createServer((socket) => pipeline(socket, connect(to, "127.0.0.1"), socket, () => undefined)),
        port,
      ),
  };
}

async function listen(server: Server, port: number): Promise<Server> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket.on("error", () => undefined)));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  return server;
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** The pauses between attempts, as the handoff tells them: where nothing arrives, CXone has none to tell. */
function pausesOf({ attempts }: HandoffJson): readonly number[] {
  return attempts.slice(1).map((attempt, index) => {
    const before = attempts[index];
    return Date.parse(attempt.startedAt) - Date.parse(before?.startedAt ?? "") - (before?.durationMs ?? 0);
  });
}

describe("when CXone cannot be reached", () => {
  it("a refused connection is tried again until all tries are used up, and nothing may have arrived", async () => {
    const { deliver, simulator } = await setup(CLOSED_PORT);
    const handoff = await deliver();
    expect(handoff).toMatchObject({
      status: "dead",
      reason: "exhausted",
      mayHaveArrived: false,
      possibleDuplicate: false,
    });
    expect(outcomesOf(handoff)).toEqual(["unreachable", "unreachable", "unreachable"]);
    expect(handoff.attempts[0]?.detail).toContain("ECONNREFUSED");
    expect(handoff.attempts[0]).not.toHaveProperty("httpStatus");
    const [first, second] = pausesOf(handoff);
    expect(first).toBeGreaterThanOrEqual(50 - CLOCK_MS);
    expect(second).toBeGreaterThanOrEqual(100 - CLOCK_MS);
    expect(simulator.signals()).toHaveLength(0);
    expect(simulator.tokenRequests()).toHaveLength(1);
  });

  it("at-most-once tries again too: no byte has left", async () => {
    const { deliver } = await setup(CLOSED_PORT, { guarantee: "at-most-once" });
    const handoff = await deliver();
    expect(handoff).toMatchObject({ status: "dead", reason: "exhausted", mayHaveArrived: false });
    expect(outcomesOf(handoff)).toEqual(["unreachable", "unreachable", "unreachable"]);
  });

  it("a name that is not resolved is unreachable", async () => {
    const { deliver } = await setup("http://unknown.invalid", { guarantee: "at-most-once" });
    expect(await deliver()).toMatchObject({
      status: "dead",
      reason: "exhausted",
      attempts: [{ outcome: "unreachable" }, {}, {}],
    });
  });

  it("a TLS handshake that fails is unreachable, and no request gets through", async () => {
    const withoutTls = await startSimulator();
    onTestFinished(() => withoutTls.close());
    const { deliver } = await setup(withoutTls.url.replace("http:", "https:"), { guarantee: "at-most-once" });
    expect(await deliver()).toMatchObject({ reason: "exhausted", attempts: [{ outcome: "unreachable" }, {}, {}] });
    expect(withoutTls.signals()).toHaveLength(0);
  });

  it("a connection that is never made ends with the attempt's time, and is unreachable", async () => {
    const { deliver } = await setup(`https://${await startSilence()}`, { guarantee: "at-most-once" });
    const handoff = await deliver();
    expect(handoff).toMatchObject({ status: "dead", reason: "exhausted", mayHaveArrived: false });
    expect(outcomesOf(handoff)).toEqual(["unreachable", "unreachable", "unreachable"]);
  });

  it("a connection that was made and never answered is ambiguous instead", async () => {
    const { deliver } = await setup(`http://${await startSilence()}`, { guarantee: "at-most-once" });
    expect(await deliver()).toMatchObject({ status: "dead", reason: "unknown", mayHaveArrived: true });
  });

  it("an egress proxy that is down is unreachable", async () => {
    const { worker, deliver, startWorker, send, client } = await startBaton({ delivery: DELIVERY });
    await deliver();
    // The token is in Redis now, so that the next worker begins with the signal.
    await worker.life.close();
    await startWorker({ BATON_EGRESS_PROXY: CLOSED_PORT });
    const handoff = await ended(client, (await send()).id);
    expect(handoff).toMatchObject({ status: "dead", reason: "exhausted", mayHaveArrived: false });
    expect(outcomesOf(handoff)).toEqual(["unreachable", "unreachable", "unreachable"]);
  });

  it("a handoff is delivered once CXone can be reached again", async () => {
    const door = await startDoor();
    const { send, ended, waitingFor, simulator } = await setup(door.url, { maxAttempts: 100 });
    const sent = await send();
    await waitingFor(sent, "retry");
    await door.open(simulator.port);
    const handoff = await ended(sent);
    expect(handoff).toMatchObject({ status: "delivered", mayHaveArrived: false, possibleDuplicate: false });
    expect(new Set(outcomesOf(handoff).slice(0, -1))).toEqual(new Set(["unreachable"]));
    expect(simulator.signals()).toHaveLength(1);
  });
});
