/** A server of things, for tests: what every HTTP server of Baton does with requests. */
import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { Refusal } from "@baton/domain";
import { afterEach } from "vitest";
import { z } from "zod";
import { createHttpServer, type HttpServer } from "../src/http-server.ts";
import { createMemoryLog, type MemoryLog } from "../src/memory-log.ts";
import type { ServedRequest } from "../src/request-log.ts";

export type Body = NonNullable<RequestInit["body"]>;

/** open are servers that a test started; each is closed after it. */
export const open: HttpServer[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((app) => app.close()));
});

const things = z.strictObject({
  name: z.string(),
  parts: z.record(z.string(), z.strictObject({ size: z.number() })).optional(),
});

/** setup starts a server with one route of each kind; `send` sends bytes as they are, `ask` a request line. */
export async function setup() {
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

/** lines gives the log's lines of requests. */
export const lines = (log: MemoryLog) => log.lines.filter((line) => line.msg === "request");
