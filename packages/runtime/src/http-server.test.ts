import { connect } from "node:net";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { type Body, lines, open, setup } from "../testing/things-server.ts";
import { createHttpServer } from "./http-server.ts";

it("answers what fits, and logs one line without body, query or header", async () => {
  const { log, url, served, post } = await setup();
  const answer = await post('{"name":"planted-body"}');
  expect(await answer.json()).toEqual({ name: "planted-body" });
  await fetch(`${url}/things/1?limit=5`, { headers: { authorization: "planted-header" } });
  expect(lines(log)).toMatchObject([
    {
      level: "info",
      route: "/things",
      method: "POST",
      status: 200,
      requestId: answer.headers.get("x-request-id"),
      thing: "t1",
    },
    { level: "info", route: "/things/:id", method: "GET", status: 200 },
  ]);
  expect(JSON.stringify(log.lines)).not.toMatch(/planted|limit/);
  expect(served).toHaveLength(2);
});

describe("what a request is known by", () => {
  const TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  const LONG = "~".repeat(128);

  it.each([
    { what: "an answer", path: "/refuse" },
    { what: "a path that is none", path: "/nothing" },
    { what: "a path that is no percent-encoding", path: "/things/%zz" },
  ])("is its own id and trace, echoed and logged, for $what", async ({ path }) => {
    const { log, url } = await setup();
    const answer = await fetch(url + path, { headers: { "x-request-id": "turn 12/7", traceparent: TRACE } });
    expect([answer.headers.get("x-request-id"), answer.headers.get("traceparent")]).toEqual(["turn 12/7", TRACE]);
    expect(await answer.json()).toMatchObject({ instance: "urn:baton:request:turn%2012%2F7" });
    expect(lines(log)).toMatchObject([{ requestId: "turn 12/7", traceparent: TRACE }]);
  });

  it.each(["BREW /things", "CONNECT /things"])("is its own also where Node's parser stops: %s", async (line) => {
    const { log, ask } = await setup();
    const answer = await ask(line, `x-request-Id:  turn-12 \r\nTraceparent: ${TRACE}\r\n\r\n`);
    expect(answer.id).toBe("turn-12");
    expect(answer.text).toContain(`\r\ntraceparent: ${TRACE}\r\n`);
    expect(lines(log)).toMatchObject([{ requestId: "turn-12", traceparent: TRACE }]);
  });

  it.each([
    { sent: LONG, echoed: LONG },
    { sent: `${LONG}~`, echoed: undefined },
    { sent: "caf\u00e9", echoed: undefined },
    { sent: "", echoed: undefined },
  ])("is made where its id is not 1 to 128 printable ASCII characters: $sent", async ({ sent, echoed }) => {
    const { url } = await setup();
    const { headers } = await fetch(`${url}/refuse`, { headers: { "x-request-id": sent } });
    expect(headers.get("x-request-id")).toEqual(echoed ?? expect.stringMatching(/^[0-9a-f-]{36}$/));
  });

  it.each([
    { sent: TRACE.replace("00-", "01-"), echoed: TRACE.replace("00-", "01-") },
    { sent: `${TRACE.replace("00-", "cc-")}-what-will-be`, echoed: TRACE.replace("00-", "cc-") },
    { sent: `${TRACE}-more`, echoed: null },
    { sent: TRACE.replace("00-", "ff-"), echoed: null },
    { sent: TRACE.toUpperCase(), echoed: null },
    { sent: TRACE.replace(/4bf\w+/, "0".repeat(32)), echoed: null },
    { sent: "planted", echoed: null },
  ])("has no trace but W3C's: $sent", async ({ sent, echoed }) => {
    const { url, log } = await setup();
    const { headers } = await fetch(`${url}/refuse`, { headers: { traceparent: sent } });
    expect(headers.get("traceparent")).toBe(echoed);
    expect(JSON.stringify(log.lines)).not.toContain("planted");
  });
});

it("points at everything that is wrong with a body", async () => {
  const { post } = await setup();
  const answer = await post('{"name":1,"a/b~c":2,"parts":{"x/y":{"size":1,"weight":2}}}');
  expect(answer.status).toBe(422);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(await answer.json()).toEqual({
    type: "urn:baton:problem:invalid-handoff",
    title: "The handoff is not valid",
    status: 422,
    detail: "the body is not as this route takes it",
    instance: `urn:baton:request:${answer.headers.get("x-request-id")}`,
    errors: [
      { pointer: "/name", message: "Invalid input: expected string, received number" },
      { pointer: "/parts/x~1y/weight", message: 'unknown field "weight"' },
      { pointer: "/a~1b~0c", message: 'unknown field "a/b~c"' },
    ],
  });
});

it.each<[string, Body, string, string, number]>([
  ["half an object", '{"name":', "application/json", "malformed-json", 400],
  ["nothing", "", "application/json", "malformed-json", 400],
  ["bytes that are no UTF-8", Buffer.from([0x22, 0xff, 0x22]), "application/json", "malformed-json", 400],
  ["a prototype", '{"name":"x","__proto__":{"name":"x"}}', "application/json", "invalid-handoff", 422],
  ["text", '{"name":"x"}', "text/plain", "unsupported-media-type", 415],
  ["a form", "name=x", "application/x-www-form-urlencoded", "unsupported-media-type", 415],
  ["a number", "1", "application/json; charset=utf-8", "invalid-handoff", 422],
])("refuses %s", async (_what, body, type, slug, status) => {
  const { post } = await setup();
  const answer = await post(body, type);
  expect(answer.status).toBe(status);
  expect(await answer.json()).toMatchObject({ type: `urn:baton:problem:${slug}`, status });
});

it("answers 413 to a body of a megabyte, also to a client that sends all of it first", async () => {
  const { post } = await setup();
  for (let round = 0; round < 5; round += 1) {
    const answer = await post(`"${"x".repeat(1_000_000)}"`);
    expect(answer.status).toBe(413);
    expect(await answer.json()).toMatchObject({ type: "urn:baton:problem:too-large" });
  }
});

it("refuses no body as it does an empty one, where the route asks for one", async () => {
  const { url, post } = await setup();
  const answers = [await fetch(`${url}/things`, { method: "POST" }), await post("")];
  for (const answer of answers) {
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ detail: "the body is empty; send JSON" });
  }
});

it.each([
  { encoding: "gzip", body: gzipSync('{"name":"x"}') },
  { encoding: "br", body: '{"name":"x"}' },
])("refuses a body whose encoding is $encoding, and says how to send it", async ({ encoding, body }) => {
  const { url } = await setup();
  const headers = { "content-type": "application/json", "content-encoding": encoding };
  const answer = await fetch(`${url}/things`, { method: "POST", body: new Uint8Array(Buffer.from(body)), headers });
  expect(answer.status).toBe(415);
  expect(await answer.json()).toMatchObject({
    type: "urn:baton:problem:unsupported-media-type",
    detail: "send the body uncompressed, without Content-Encoding",
  });
});

it("takes a body whose encoding is identity", async () => {
  const { url } = await setup();
  const headers = { "content-type": "application/json", "content-encoding": "Identity" };
  expect((await fetch(`${url}/things`, { method: "POST", body: '{"name":"x"}', headers })).status).toBe(200);
});

it("takes an empty body where the route asks for none", async () => {
  const { post } = await setup();
  expect((await post("", "application/json", "/things/1/stop")).status).toBe(200);
  expect((await post("{}", "application/json", "/things/1/stop")).status).toBe(400);
  const refused = await post(" null ", "application/json", "/things/1/stop");
  expect(refused.status).toBe(400);
  expect(await refused.json()).toMatchObject({
    errors: [{ pointer: "", message: "send a JSON object, or no body at all" }],
  });
});

it("refuses a query that does not fit", async () => {
  const { url } = await setup();
  const answer = await fetch(`${url}/things/1?limit=9`);
  expect(answer.status).toBe(400);
  expect(await answer.json()).toMatchObject({
    type: "urn:baton:problem:invalid-request",
    errors: [{ pointer: "/limit" }],
  });
});

it("says which methods a path takes, and that others lead nowhere", async () => {
  const { url } = await setup();
  const wrong = await fetch(`${url}/things/1?x=1`, { method: "DELETE" });
  expect([wrong.status, wrong.headers.get("allow")]).toEqual([405, "GET, HEAD"]);
  expect((await fetch(`${url}/things`)).headers.get("allow")).toBe("POST");
  expect((await fetch(`${url}/thing`)).status).toBe(404);
  expect((await fetch(`${url}/things/${"x".repeat(200)}`)).status).toBe(404);
  expect((await fetch(`${url}/things/%ff`)).status).toBe(400);
});

it("passes a refusal on, its wait in whole seconds, never rounded down", async () => {
  const { url, log } = await setup();
  const answer = await fetch(`${url}/refuse`);
  expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "2"]);
  expect(lines(log)).toMatchObject([{ level: "info", problem: "backlog-full" }]);
  expect((await fetch(`${url}/unknown`)).headers.get("www-authenticate")).toBe("Bearer");
});

it("keeps what broke to the log, and names the line in the answer", async () => {
  const { url, log } = await setup();
  const answer = await fetch(`${url}/break`);
  expect(answer.status).toBe(500);
  const text = await answer.text();
  expect(text).not.toContain("pump");
  const [line] = lines(log);
  expect(line).toMatchObject({ level: "error", err: new Error("the pump is broken") });
  expect(text).toContain(`urn:baton:request:${line?.requestId}`);
});

it("logs a request whose client left before the answer", async () => {
  const { app, log } = await setup();
  const arrived = Promise.withResolvers<void>();
  const waiting = Promise.withResolvers<void>();
  const left = Promise.withResolvers<void>();
  const late = createHttpServer({ log, onServed: () => left.resolve() });
  open.push(late);
  late.get("/slow", async () => {
    arrived.resolve();
    await waiting.promise;
    return "late";
  });
  const { hostname, port } = new URL(await late.listen({ port: 0, host: "127.0.0.1" }));
  const socket = connect(Number(port), hostname);
  socket.write("GET /slow HTTP/1.1\r\nhost: x\r\n\r\n");
  await arrived.promise;
  socket.destroy();
  await left.promise;
  waiting.resolve();
  await app.close();
  await late.close();
  expect(lines(log)).toMatchObject([{ route: "/slow", status: 499 }]);
});
