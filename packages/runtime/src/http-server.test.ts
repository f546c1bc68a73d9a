import { once } from "node:events";
import { METHODS, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { Refusal } from "@baton/domain";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { createHttpServer, type HttpServer } from "./http-server.ts";
import { createMemoryLog, type MemoryLog } from "./log.ts";
import type { ServedRequest } from "./request-log.ts";

type Body = NonNullable<RequestInit["body"]>;

const open: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});

const things = z.strictObject({
  name: z.string(),
  parts: z.record(z.string(), z.strictObject({ size: z.number() })).optional(),
});

async function setup() {
  const log = createMemoryLog();
  const served: ServedRequest[] = [];
  const app = createHttpServer({ log, onServed: (request) => served.push(request) });
  open.push(app);
  app.post("/things", { config: { problem: "invalid-handoff" }, schema: { body: things } }, async (request) => {
    request.facts.thing = "t1";
    return request.body;
  });
  app.post("/things/:id/stop", { schema: { body: z.strictObject({ note: z.string() }).optional() } }, async () => ({}));
  app.get(
    "/things/:id",
    { schema: { querystring: z.strictObject({ limit: z.coerce.number().max(5).optional() }) } },
    async (request) => request.query,
  );
  app.get("/refuse", async () => {
    throw new Refusal("backlog-full", "no room", { retryAfterMs: 1_001 });
  });
  app.get("/unknown", async () => {
    throw new Refusal("unauthenticated", "who are you?");
  });
  app.get("/wait", async () => {
    await once(app.server, "waited");
    return { waited: true };
  });
  app.get("/break", async () => {
    throw new Error("the pump is broken");
  });
  const url = await app.listen({ port: 0, host: "127.0.0.1" });
  const post = (body: Body, type = "application/json", path = "/things") =>
    fetch(url + path, { method: "POST", body, headers: { "content-type": type } });
  const { hostname, port } = new URL(url);
  const send = (text: string, then?: (write: (more: string) => void) => Promise<void>) =>
    exchange({ hostname, port, text, then });
  const ask = (line: string, rest = "\r\n") => send(`${line} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${rest}`);
  return { app, log, served, url, post, send, ask };
}

interface Exchange {
  readonly hostname: string;
  readonly port: string;
  readonly text: string;
  readonly then: ((write: (more: string) => void) => Promise<void>) | undefined;
}

/** exchange sends bytes as they are, and reads one answer. */
async function exchange({ hostname, port, text: sent, then }: Exchange) {
  const socket = connect(Number(port), hostname);
  socket.write(sent);
  const [received] = await Promise.all([text(socket), then?.((more) => void socket.write(more))]);
  const [head = "", body = ""] = received.split("\r\n\r\n");
  const header = (name: string) => new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1];
  return {
    text: received,
    status: Number(head.split(" ")[1]),
    allow: header("allow"),
    type: header("content-type"),
    id: header("x-request-id"),
    problem: body === "" ? undefined : JSON.parse(body),
  };
}

const lines = (log: MemoryLog) => log.lines.filter((line) => line.msg === "request");

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

describe("a request that no route takes", () => {
  it.each(METHODS.filter((method) => method !== "CONNECT"))(
    "is 405 with what the path takes, or 404, by %s",
    async (method) => {
      const { ask } = await setup();
      const takes = method === "POST" ? [] : [["/things", "POST"] as const];
      for (const [path, allow] of takes) expect(await ask(`${method} ${path}`)).toMatchObject({ status: 405, allow });
      expect(await ask(`${method} /thing`)).toMatchObject({ status: 404 });
    },
  );

  it.each([
    { what: "an unknown method", line: "BREW /things?x=1" },
    { what: "a method of one character more", line: "POSTS /things" },
    { what: "a method in lower case", line: "post /things" },
    { what: "a method of another protocol", line: "DESCRIBE /things" },
    { what: "a tunnel", line: "CONNECT /things" },
    { what: "a whole URL", line: "BREW http://baton.example/things" },
    { what: "a body of no JSON", line: "PUT /things", rest: "Content-Type: text/plain\r\nContent-Length: 1\r\n\r\nx" },
    { what: "a method that Fastify knows in part", line: "QUERY /things" },
    { what: "a method that Node learned and Fastify did not", line: "GET /things", rest: "X-Method: NOVEL\r\n\r\n" },
  ])("is 405 with what the path takes, for $what", async ({ line, rest = "\r\n" }) => {
    const { app, ask, log } = await setup();
    app.server.prependListener("request", (request) => {
      if (request.headers["x-method"] !== undefined) request.method = String(request.headers["x-method"]);
    });
    const answer = await ask(line, rest);
    expect(answer).toMatchObject({
      status: 405,
      allow: "POST",
      type: "application/problem+json",
      id: expect.any(String),
    });
    expect(answer.problem).toMatchObject({ type: "urn:baton:problem:method-not-allowed", status: 405 });
    expect(lines(log)).toMatchObject([{ status: 405, requestId: answer.id, problem: "method-not-allowed" }]);
    const [name, url = ""] = line.split(" ");
    expect(await ask(`${name} ${url.replace("/things", "/nothing")}`, rest)).toMatchObject({
      status: 404,
      allow: undefined,
    });
  });
});

it.each([
  {
    what: "a header that is none",
    text: "GET /things/1 HTTP/1.1\r\nHost: x\r\nno header\r\n\r\n",
    status: 400,
    slug: "invalid-request",
  },
  { what: "half a request line", text: "BRE", status: 400, slug: "invalid-request" },
  {
    what: "headers without end",
    text: `GET /things/1 HTTP/1.1\r\nHost: x\r\nA: ${"a".repeat(20_000)}\r\n\r\n`,
    status: 431,
    slug: "headers-too-large",
  },
])("answers $what with a problem too", async ({ text, status, slug }) => {
  const { send } = await setup();
  const answer = await send(text);
  expect(answer).toMatchObject({ status, type: "application/problem+json", id: expect.any(String) });
  expect(answer.problem).toMatchObject({ type: `urn:baton:problem:${slug}`, status });
});

it.each([
  { what: "HTTP/1.1 without Host", text: "GET /things/1 HTTP/1.1\r\n", status: 400, slug: "invalid-request" },
  {
    what: "an Expect of something else",
    text: "GET /things/1 HTTP/1.1\r\nHost: x\r\nExpect: tea\r\n",
    status: 417,
    slug: "expectation-failed",
  },
])("refuses $what with a problem, and logs it as every request", async ({ text, status, slug }) => {
  const { send, log } = await setup();
  const answer = await send(`${text}Connection: close\r\n\r\n`);
  expect(answer).toMatchObject({ status, type: "application/problem+json", id: expect.any(String) });
  expect(answer.problem).toMatchObject({ type: `urn:baton:problem:${slug}`, status });
  expect(lines(log)).toMatchObject([{ route: "/things/:id", status, problem: slug }]);
});

it("serves HTTP/1.0 without Host", async () => {
  const { send } = await setup();
  expect(await send("GET /things/1 HTTP/1.0\r\n\r\n")).toMatchObject({ status: 200 });
});

it("tells a client that expects 100-continue to go on", async () => {
  const { url } = await setup();
  const headers = { expect: "100-continue", "content-type": "application/json" };
  const sent = request(`${url}/things`, { method: "POST", headers });
  sent.once("continue", () => sent.end('{"name":"x"}'));
  sent.flushHeaders();
  const [answer] = await once(sent, "response");
  expect([answer.statusCode, await text(answer)]).toEqual([200, '{"name":"x"}']);
});

it("never writes one answer into another", async () => {
  const { app, send } = await setup();
  const arrived = Promise.withResolvers<void>();
  app.server.prependListener("request", () => arrived.resolve());
  const broken = once(app.server, "clientError");
  const answer = await send("GET /wait HTTP/1.1\r\nHost: x\r\n\r\n", async (write) => {
    await arrived.promise;
    write("BREW /things HTTP/1.1\r\n\r\n");
    await broken;
    app.server.emit("waited");
  });
  expect(answer).toMatchObject({ status: 200, problem: { waited: true } });
  expect(answer.text.match(/^HTTP/gm)).toHaveLength(1);
});

it.each(["//:0", "//a:99999/things", "//host/things"])(
  "finds nothing under %s, which only looks like an address",
  async (target) => {
    const { url } = await setup();
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    socket.end(`PUT ${target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);
    expect(await text(socket)).toMatch(/^HTTP\/1\.1 404 /);
  },
);

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
