/** Small servers on loopback that behave, or misbehave, as a test asks. Each ends with its test. */
import {
  createServer as createHttpServer,
  type IncomingMessage,
  type RequestListener,
  type ServerResponse,
} from "node:http";
import { type AddressInfo, connect, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { Worker } from "node:worker_threads";
import { onTestFinished } from "vitest";

export interface Local {
  readonly port: number;
  /** How many connections it has accepted. */
  connections(): number;
  close(): Promise<void>;
}

/** listen opens a server on a free port of 127.0.0.1. */
export async function listen(server: Server): Promise<Local> {
  const sockets = new Set<Socket>();
  let accepted = 0;
  server.on("connection", (socket: Socket) => {
    accepted += 1;
    sockets.add(socket);
    socket.on("error", () => {}).on("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      for (const socket of sockets) socket.destroy();
    });
  onTestFinished(close);
  return { port: (server.address() as AddressInfo).port, connections: () => accepted, close };
}

export function serveHttp(listener: RequestListener): Promise<Local> {
  return listen(createHttpServer(listener));
}

export function serveTcp(onSocket: (socket: Socket) => void): Promise<Local> {
  return listen(createTcpServer(onSocket));
}

/** freePort gives a port on which no process listens. */
export async function freePort(): Promise<number> {
  const local = await serveTcp(() => {});
  await local.close();
  return local.port;
}

/**
 * listenFull gives a port whose accept queue is full: the kernel drops every further SYN, so a connection is never
 * made.
 */
export async function listenFull(): Promise<number> {
  const worker = new Worker(
    `const { createServer } = require("node:net"); const { parentPort } = require("node:worker_threads");
     const server = createServer().listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
       parentPort.postMessage(server.address().port);
       setImmediate(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0));
     });`,
    { eval: true },
  );
  const port = await new Promise<number>((resolve) => worker.once("message", resolve));
  const fillers = Array.from({ length: 4 }, () => connect(port, "127.0.0.1").on("error", () => {}));
  onTestFinished(async () => {
    for (const filler of fillers) filler.destroy();
    await worker.terminate();
  });
  await Promise.race(fillers.slice(0, 1).map((filler) => new Promise((resolve) => filler.once("connect", resolve))));
  return port;
}

export async function readBody(request: IncomingMessage): Promise<string> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) text += chunk;
  return text;
}

export function answerJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
