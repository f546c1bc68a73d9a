import { once } from "node:events";
import { METHODS, request } from "node:http";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { lines, setup } from "../testing/things-server.ts";

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
  { what: "two hosts", text: "GET /things/1 HTTP/1.1\r\nHost: x\r\nHOST: y\r\n", status: 400, slug: "invalid-request" },
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
