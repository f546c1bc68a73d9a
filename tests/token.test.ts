import { describe, expect, it } from "vitest";
import { CLOCK_MS, startBaton } from "./world/baton.ts";
import type { ConnectorChange } from "./world/world.ts";

const DELIVERY = { backoff: { baseMs: 100, capMs: 300 } } as const;

const setup = (change: ConnectorChange = {}) =>
  startBaton({ ...change, delivery: { ...DELIVERY, ...change.delivery } });

describe("when the token endpoint refuses the credentials", () => {
  it.each([400, 401, 403])("%i ends the handoff, and the next ones ask no more", async (status) => {
    const { deliver, simulator } = await setup();
    simulator.answer({ on: "token", status });
    for (let sent = 0; sent < 5; sent++) {
      expect(await deliver()).toMatchObject({
        status: "dead",
        reason: "credentials",
        attempts: [],
        mayHaveArrived: false,
      });
    }
    expect(simulator.tokenRequests()).toHaveLength(1);
    expect(simulator.signals()).toHaveLength(0);
  });

  it("wrong keys cost one token request, however many handoffs and workers there are", async () => {
    const { sendMany, ended, startWorker, simulator, accessKeyId } = await setup();
    await startWorker();
    simulator.accessKey({ accessKeyId, accessKeySecret: "another secret" });
    for (const sent of await sendMany(30))
      expect(await ended(sent)).toMatchObject({ status: "dead", reason: "credentials" });
    expect(simulator.tokenRequests()).toMatchObject([{ status: 400 }]);
  });

  it("another connector's handoffs go on", async () => {
    const { deliver, simulator, accessKeyId, createConnector, clientOf } = await setup();
    simulator.answer({ on: "token", status: 401, accessKeyId });
    expect(await deliver()).toMatchObject({ reason: "credentials" });
    const neighbour = clientOf(await createConnector());
    expect(await neighbour.send({ contactId: "1" }, { waitMs: 10_000 })).toMatchObject({ status: "delivered" });
  });
});

describe("when something is configured wrongly", () => {
  const ELSEWHERE = "http://127.0.0.1:1/auth/token";

  it.each([
    { what: "a token endpoint that is not there", fault: { on: "token", status: 404 } },
    { what: "a token endpoint that redirects", fault: { on: "token", status: 307, redirectTo: ELSEWHERE } },
    { what: "an issuer without discovery", fault: { on: "discovery", status: 404 } },
    { what: "an issuer that redirects", fault: { on: "discovery", status: 301, redirectTo: ELSEWHERE } },
    { what: "a discovery that names no token endpoint", fault: { on: "discovery", body: { issuer: "unknown" } } },
    {
      what: "a token endpoint on a host that is not allowed",
      fault: { on: "discovery", body: { token_endpoint: "https://evil.example/" } },
    },
  ] as const)("$what ends the handoff, and nothing is sent to CXone", async ({ fault }) => {
    const { deliver, simulator } = await setup();
    simulator.answer(fault);
    expect(await deliver()).toMatchObject({
      status: "dead",
      reason: "configuration",
      attempts: [],
      mayHaveArrived: false,
    });
    expect(simulator.signals()).toHaveLength(0);
  });

  it.each([
    { what: "names no API", body: { domain: "niceincontact.com" } },
    { what: "names an API on a host that is not allowed", body: { api_endpoint: "https://evilniceincontact.com" } },
    { what: "names an API without TLS", body: { api_endpoint: "http://api-na1.niceincontact.com" } },
  ])("a tenant whose discovery $what ends the handoff", async ({ body }) => {
    const { deliver, simulator, accessKeyId } = await setup();
    simulator.answer({ on: "discovery", accessKeyId, body });
    expect(await deliver()).toMatchObject({ status: "dead", reason: "configuration", attempts: [] });
    expect(simulator.signals()).toHaveLength(0);
  });

  it.each([
    "https://evilniceincontact.com",
    "http://cxone.niceincontact.com",
    "https://user:secret@cxone.niceincontact.com",
  ])("an issuer that is not allowed is never asked: %s", async (issuer) => {
    const { deliver, simulator } = await setup({ cxone: { issuer } });
    expect(await deliver()).toMatchObject({ status: "dead", reason: "configuration", attempts: [] });
    expect(simulator.tokenRequests()).toHaveLength(0);
  });

  it("an API address that is not allowed is never asked, though its token was granted", async () => {
    const { deliver, simulator } = await setup({ cxone: { apiEndpoint: "https://evil.example" } });
    expect(await deliver()).toMatchObject({ status: "dead", reason: "configuration", attempts: [] });
    expect(simulator.signals()).toHaveLength(0);
  });
});

describe("while there is no token to be had", () => {
  it.each([
    { what: "429", fault: { on: "token", status: 429 } },
    { what: "500", fault: { on: "token", status: 500 } },
    { what: "503", fault: { on: "token", status: 503 } },
    { what: "a reset", fault: { on: "token", reset: "before" } },
    { what: "an answer cut off", fault: { on: "token", reset: "during" } },
    { what: "HTML in place of a token", fault: { on: "token", body: "<html>Welcome</html>" } },
    { what: "JSON without a token", fault: { on: "token", body: { expires_in: 3600 } } },
    { what: "a discovery that is down", fault: { on: "discovery", status: 503 } },
    { what: "a discovery that is garbage", fault: { on: "discovery", body: "<html>Welcome</html>" } },
  ] as const)("$what: handoffs wait for it, and lose no attempt", async ({ fault }) => {
    const { send, ended, waitingFor, simulator } = await setup({ delivery: { maxAttempts: 1 } });
    simulator.answer(fault);
    const sent = await send();
    await waitingFor(sent, "token");
    simulator.repair();
    expect(await ended(sent)).toMatchObject({ status: "delivered", attempts: [{ number: 1, outcome: "accepted" }] });
    expect(simulator.signals()).toHaveLength(1);
  });

  it("a token endpoint that hangs takes no worker's slot: handoffs wait without one", async () => {
    const { sendMany, ended, waitingFor, simulator } = await setup();
    simulator.answer({ on: "token", hang: true, times: 1 });
    const sent = await sendMany(3);
    for (const handoff of sent) await waitingFor(handoff, "token");
    for (const handoff of sent)
      expect(await ended(handoff)).toMatchObject({ status: "delivered", attempts: [{ outcome: "accepted" }] });
    expect(simulator.tokenRequests()).toHaveLength(2);
  });

  it("the endpoint is asked by one for all, with growing pauses", async () => {
    const { sendMany, ended, startWorker, simulator } = await setup();
    await startWorker();
    simulator.answer({ on: "token", status: 503, times: 3 });
    for (const sent of await sendMany(40))
      expect(await ended(sent)).toMatchObject({ status: "delivered", attempts: [{}] });
    const asked = simulator.tokenRequests().map(({ at }) => at);
    expect(asked).toHaveLength(4);
    for (const [index, pauseMs] of [125, 250, 500].entries()) {
      expect((asked[index + 1] ?? 0) - (asked[index] ?? 0)).toBeGreaterThanOrEqual(pauseMs - CLOCK_MS);
    }
  });

  it("the endpoint is left alone for as long as its Retry-After says", async () => {
    const { deliver, simulator } = await setup();
    simulator.answer({ on: "token", status: 429, retryAfter: 2, times: 1 });
    expect(await deliver()).toMatchObject({ status: "delivered" });
    const [first, second, ...more] = simulator.tokenRequests();
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(2_000 - CLOCK_MS);
    expect(more).toHaveLength(0);
  });

  it("an operator who resumes the connector ends the wait that its Retry-After asked for", async () => {
    const { send, ended, waitingFor, simulator, startAdmin, connector } = await setup({
      delivery: { deadlineMs: 20_000 },
    });
    const { url, key } = await startAdmin();
    simulator.answer({ on: "token", status: 429, retryAfter: 3_600, times: 1 });
    const sent = await send();
    await waitingFor(sent, "token");
    const headers = { authorization: `Bearer ${key}` };
    await fetch(`${url}/admin/v1/connectors/${connector.id}/resume`, { method: "POST", headers });
    expect(await ended(sent)).toMatchObject({ status: "delivered", attempts: [{ outcome: "accepted" }] });
    expect(simulator.tokenRequests()).toHaveLength(2);
  });

  it("a handoff whose deadline passes meanwhile is dead, expired, without an attempt", async () => {
    const { deliver, simulator } = await setup({ delivery: { deadlineMs: 1_000 } });
    simulator.answer({ on: "token", status: 503 });
    expect(await deliver()).toMatchObject({ status: "dead", reason: "expired", attempts: [] });
    expect(simulator.signals()).toHaveLength(0);
  });
});
