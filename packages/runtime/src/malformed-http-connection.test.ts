import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { z } from "zod";
import { createHttpServer } from "./http-server.ts";
import { createMemoryLog } from "./memory-log.ts";

const HEAD = "Host: x\r\nContent-Type: application/json\r\n";
const BODY = '{"name":"é"}';
const WHOLE = `POST /things HTTP/1.1\r\n${HEAD}Content-Length: ${Buffer.byteLength(BODY)}\r\n\r\n${BODY}`;
const CHUNKED = `POST /things HTTP/1.1\r\n${HEAD}Transfer-Encoding: chunked\r\n\r\n`;

/** A server whose route takes one turn of the event loop for each answer. */
async function setup({ receiveMs }: { receiveMs?: number } = {}) {
  const log = createMemoryLog();
  const app = createHttpServer({ log, ...(receiveMs === undefined ? {} : { receiveMs }) });
  onTestFinished(() => app.close());
  const gate = { opened: Promise.resolve() };
  app.addHook("onRequest", async ({ url }) => (url === "/guarded" ? gate.opened : undefined));
  for (const path of ["/things", "/guarded"])
    app.post(path, { schema: { body: z.strictObject({ name: z.string() }) } }, async ({ body }) => {
      await new Promise(setImmediate);
      return body;
    });
  const { hostname, port } = new URL(await app.listen({ port: 0, host: "127.0.0.1" }));
  const open = () => connect({ port: Number(port), host: hostname, allowHalfOpen: true });
  /** Sends bytes as they are, reads until the server closes, and gives each answer. */
  const exchange = async (sent: string, socket = open()) => {
    socket.write(sent);
    const answers = answersIn(await text(socket));
    socket.end();
    return answers;
  };
  return { app, log, gate, open, exchange };
}

function answersIn(received: string) {
  return received
    .split(/(?=HTTP\/1\.1 )/)
    .filter((answer) => answer !== "")
    .map((answer) => {
      const [head = "", body = ""] = answer.split("\r\n\r\n");
      return { status: Number(head.split(" ")[1]), body: JSON.parse(body) };
    });
}

const malformed = { status: 400, body: { type: "urn:baton:problem:malformed-json", status: 400 } };
const answered = { status: 200, body: { name: "é" } };

describe("a request that came whole has its answer, then the connection is closed", () => {
  it.each([
    { what: "a stray byte", after: "}" },
    { what: "a request that is none", after: "BREW\r\n\r\n" },
    { what: "a header that is none", after: "GET /things HTTP/1.1\r\nno header\r\n\r\n" },
  ])("before $what", async ({ after }) => {
    const { exchange, log } = await setup();
    expect(await exchange(WHOLE + after)).toEqual([answered]);
    expect(log.lines.filter(({ msg }) => msg === "request")).toMatchObject([{ route: "/things", status: 200 }]);
  });

  it("also where several came before what breaks", async () => {
    const { exchange } = await setup();
    expect(await exchange(`${WHOLE}${WHOLE}${WHOLE}}`)).toEqual([answered, answered, answered]);
  });

  it("also where its length counts characters: the body it says is no JSON", async () => {
    const { exchange } = await setup();
    const short = WHOLE.replace(/Content-Length: \d+/, `Content-Length: ${BODY.length}`);
    expect(await exchange(short)).toMatchObject([malformed]);
  });

  it("also where it says no length of its body", async () => {
    const { exchange } = await setup();
    const sent = `POST /things HTTP/1.1\r\n${HEAD}Connection: close\r\n\r\n${BODY}`;
    expect(await exchange(sent)).toMatchObject([malformed]);
  });
});

describe("a request whose body breaks off is refused", () => {
  it("with 400 where a chunk is none", async () => {
    const { exchange, log } = await setup();
    expect(await exchange(`${CHUNKED}zz\r\n`)).toMatchObject([malformed]);
    expect(log.lines.filter(({ msg }) => msg === "request")).toMatchObject([{ route: "/things", status: 400 }]);
  });

  it("with 400 after the answers before it", async () => {
    const { exchange } = await setup();
    expect(await exchange(`${WHOLE}${CHUNKED}zz\r\n`)).toMatchObject([answered, malformed]);
  });

  it("with 400 where it breaks off before anything reads it", async () => {
    const { app, gate, exchange } = await setup();
    const opened = Promise.withResolvers<void>();
    gate.opened = opened.promise;
    const answers = exchange(`${CHUNKED.replace("/things", "/guarded")}zz\r\n`);
    await once(app.server, "clientError");
    opened.resolve();
    expect(await answers).toMatchObject([malformed]);
  });

  it("with 400 where its client has sent the last of it", async () => {
    const { open, exchange } = await setup();
    const socket = open();
    const answers = exchange(WHOLE.slice(0, -3), socket);
    socket.end();
    expect(await answers).toMatchObject([malformed]);
  });

  it("with 408 where the rest of it does not come in time", async () => {
    const { exchange } = await setup({ receiveMs: 200 });
    expect(await exchange(WHOLE.slice(0, -3))).toMatchObject([
      { status: 408, body: { type: "urn:baton:problem:request-timeout" } },
    ]);
  });

  it("with 408 where the rest of its head does not come in time", async () => {
    const { exchange } = await setup({ receiveMs: 200 });
    expect(await exchange("POST /things HTTP/1.1\r\nHost: x\r\n")).toMatchObject([
      { status: 408, body: { type: "urn:baton:problem:request-timeout" } },
    ]);
  });
});
