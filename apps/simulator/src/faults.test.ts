import { Agent, get, request } from "node:http";
import { connect } from "node:net";
import { expect, it } from "vitest";
import { CONTACT, KEY, type SimulatorTestClient, startSimulatorWithClient } from "./test-client.ts";

/** What a raw socket sees of the answer to one signal, and how the connection ended. */
async function experience(
  client: SimulatorTestClient,
): Promise<{ readonly text: string; readonly end: "closed" | "reset" }> {
  const token = await client.accessToken();
  const socket = connect(client.simulator.port, "127.0.0.1");
  const path = `/inContactAPI/services/v30.0/interactions/${CONTACT}/signal?p1=x`;
  socket.write(
    `POST ${path} HTTP/1.1\r\nHost: simulator\r\nAuthorization: Bearer ${token}\r\nContent-Length: 0\r\n\r\n`,
  );
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString();
  });
  return new Promise((resolve, reject) => {
    socket.on("end", () => resolve({ text, end: "closed" }));
    socket.on("error", (error: NodeJS.ErrnoException) =>
      error.code === "ECONNRESET" ? resolve({ text, end: "reset" }) : reject(error),
    );
  });
}

it("answers the next requests with the faults in the order they were given, then as usual", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.answer({ status: 503, retryAfter: 2, times: 1 });
  client.simulator.answer({ status: 500, times: 2 });
  const answers = [];
  for (let turn = 0; turn < 4; turn++) answers.push(await client.signal(CONTACT));
  expect(answers.map(({ status }) => status)).toEqual([503, 500, 500, 202]);
  expect(answers[0]?.headers.get("retry-after")).toBe("2");
  expect(client.simulator.signals().map(({ effect }) => effect)).toEqual([false, false, false, true]);
  expect(client.simulator.faults()).toEqual([]);
});

it("keeps to its scope: one contact, one access key, or one contact of one access key", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.answer({ contactId: "1", status: 400 });
  client.simulator.answer({ accessKeyId: "OTHER", status: 401 });
  client.simulator.answer({ accessKeyId: KEY, contactId: "2", status: 409 });
  expect((await client.signal("1")).status).toBe(400);
  expect((await client.signal("2")).status).toBe(409);
  expect((await client.signal("3")).status).toBe(202);
});

it("uses the oldest of the faults that match, whatever their scope", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.answer({ status: 502, times: 1 });
  client.simulator.answer({ contactId: CONTACT, status: 504, times: 1 });
  client.simulator.answer({ accessKeyId: KEY, status: 403, times: 1 });
  const statuses = [];
  for (let turn = 0; turn < 4; turn++) statuses.push((await client.signal(CONTACT)).status);
  expect(statuses).toEqual([502, 504, 403, 202]);
});

it("resets before the signal takes effect", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.answer({ reset: "before", times: 1 });
  expect(await experience(client)).toEqual({ text: "", end: "reset" });
  const [signal] = client.simulator.signals();
  expect(signal).toMatchObject({ effect: false, faultId: "fault-1" });
  expect(signal?.status).toBeUndefined();
});

it("resets after the signal took effect", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.answer({ reset: "after", times: 1 });
  expect(await experience(client)).toEqual({ text: "", end: "reset" });
  expect(client.simulator.signals()).toMatchObject([{ effect: true, script: { reaction: "started" } }]);
});

it("breaks off in the middle of the answer", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.answer({ reset: "during", times: 1 });
  const { text, end } = await experience(client);
  expect(end).toBe("closed");
  expect(text).toMatch(/^HTTP\/1.1 202 /);
  const [head = "", body = ""] = text.split("\r\n\r\n");
  expect(Number(/content-length: (\d+)/i.exec(head)?.[1])).toBeGreaterThan(body.length);
  expect(client.simulator.signals()).toMatchObject([{ effect: true }]);
});

it("hangs until the client leaves, and lets the simulator close", async () => {
  const client = await startSimulatorWithClient();
  client.simulator.answer({ hang: true, effect: true });
  const waiting = experience(client);
  expect(await client.simulator.untilSignals(1)).toMatchObject([{ effect: true }]);
  expect(client.simulator.state().signals.inFlight).toBe(1);
  await client.simulator.close();
  await client.simulator.close();
  expect(await waiting).toEqual({ text: "", end: "closed" });
});

it("lets a signal take effect at once and answers it late; a client that left meanwhile was never answered", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.answer({ delayMs: 60_000, times: 1 });
  const headers = { authorization: `Bearer ${await client.accessToken()}` };
  const abort = new AbortController();
  const url = `${client.simulator.url}/inContactAPI/services/v30.0/interactions/${CONTACT}/signal`;
  const left = fetch(url, { method: "POST", headers, signal: abort.signal }).catch((error: Error) => error.name);
  expect(await client.simulator.untilSignals(1)).toMatchObject([{ effect: true }]);
  abort.abort();
  expect(await left).toBe("AbortError");
  await expect.poll(() => client.simulator.state().signals).toMatchObject({ inFlight: 0, byStatus: { none: 1 } });
});

it("sends a body that is not JSON, of any type", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.answer({ status: 502, body: "<h1>Bad gateway</h1>", times: 1 });
  client.simulator.answer({ status: 500, body: "oops", contentType: "application/json", times: 1 });
  const gateway = await client.signal(CONTACT);
  expect([gateway.headers.get("content-type"), await gateway.text()]).toEqual([
    "text/html; charset=utf-8",
    "<h1>Bad gateway</h1>",
  ]);
  const liar = await client.signal(CONTACT);
  expect([liar.headers.get("content-type"), await liar.text()]).toEqual(["application/json", "oops"]);
});

it("puts the error's text into icStatusDescription", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.answer({ icStatusDescription: "Contact is not active" });
  const response = await client.signal(CONTACT);
  expect([response.status, response.headers.get("icstatusdescription"), await response.text()]).toEqual([
    404,
    "Contact is not active",
    "",
  ]);
});

it("redirects", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.answer({ redirectTo: "https://elsewhere.example/signal" });
  const response = await client.signal(CONTACT);
  expect([response.status, response.headers.get("location")]).toEqual([302, "https://elsewhere.example/signal"]);
});

it("echoes the parameters in its error, decoded and as they were sent", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.answer({ echoParams: true });
  const response = await client.signal(CONTACT, "?p1=secret%20one", { p2: "secret two" });
  expect(response.status).toBe(400);
  const text = await response.text();
  for (const planted of ["secret one", "secret%20one", "secret two"]) expect(text).toContain(planted);
});

it("says when to come back, in seconds or as a date", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.answer({ retryAfter: "Wed, 21 Oct 2026 07:28:00 GMT" });
  const response = await client.signal(CONTACT);
  expect([response.status, response.headers.get("retry-after")]).toEqual([429, "Wed, 21 Oct 2026 07:28:00 GMT"]);
});

it("can answer an error although the signal took effect, and a success although it did not", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.answer({ status: 500, effect: true, times: 1 });
  client.simulator.answer({ status: 200, effect: false, times: 1 });
  expect([(await client.signal(CONTACT)).status, (await client.signal(CONTACT)).status]).toEqual([500, 200]);
  expect(client.simulator.signals().map(({ effect }) => effect)).toEqual([true, false]);
});

it("does not signal an ended contact, even under a fault that would let it through", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.contact(CONTACT, "ended");
  client.simulator.answer({ status: 202, effect: true });
  expect((await client.signal(CONTACT)).status).toBe(202);
  expect(client.simulator.signals()).toMatchObject([{ effect: false }]);
});

it("is repaired by one call", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.answer({ status: 503 });
  const id = client.simulator.answer({ on: "token", status: 500 });
  expect([client.simulator.withdraw(id), client.simulator.withdraw(id)]).toEqual([true, false]);
  expect(client.simulator.repair()).toBe(1);
  expect((await client.signal(CONTACT)).status).toBe(202);
});

it("refuses a fault that it could not play", async () => {
  await using client = await startSimulatorWithClient();
  expect(() => client.simulator.answer({ status: 99 })).toThrow(/status/);
  expect(() => client.simulator.answer({ contentType: "text/plain\r\nx: y" })).toThrow(/contentType/);
});

it("reuses connections and numbers them", async () => {
  await using client = await startSimulatorWithClient();
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const headers = { authorization: `Bearer ${await client.accessToken()}` };
  const path = `/inContactAPI/services/v30.0/interactions/${CONTACT}/signal`;
  for (let turn = 0; turn < 2; turn++) {
    await new Promise((resolve) => {
      const sent = request({ port: client.simulator.port, method: "POST", path, headers, agent }, (response) =>
        response.resume().on("end", resolve),
      );
      sent.end();
    });
    // The agent takes the socket back in the turn after the answer's end.
    await new Promise(setImmediate);
  }
  agent.destroy();
  const [first, second] = client.simulator.signals().map(({ connectionId }) => connectionId);
  expect(first).toBe(second);
});

it("answers discovery and the rest of the API with faults of their own", async () => {
  await using client = await startSimulatorWithClient();
  client.simulator.answer({ on: "discovery", body: { issuer: "x" }, times: 1 });
  client.simulator.answer({ on: "api", reset: "before", times: 1 });
  expect(await (await client.get("/.well-known/openid-configuration")).json()).toEqual({ issuer: "x" });
  const code = await new Promise((resolve) => {
    get(`${client.simulator.url}/inContactAPI/services/v30.0/server-time`).on("error", (error: NodeJS.ErrnoException) =>
      resolve(error.code),
    );
  });
  expect(code).toBe("ECONNRESET");
  expect((await client.get("/inContactAPI/services/v30.0/server-time")).status).toBe(200);
});
