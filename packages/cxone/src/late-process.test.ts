import { once } from "node:events";
import type { LookupFunction } from "node:net";
import { Worker } from "node:worker_threads";
import { expect, it, onTestFinished } from "vitest";
import { createTrustedCertificate } from "../testing/certificate.ts";
import { setupHttp } from "../testing/setup.ts";

/** A server in a thread of its own, which says that it was asked, and answers while this thread stands still. */
const SERVER = `
const { createServer } = require("node:http");
const { parentPort } = require("node:worker_threads");
const server = createServer((request, response) => {
  parentPort.postMessage("asked");
  setTimeout(() => response.end("{}"), 300);
});
server.on("connection", (socket) => socket.on("close", () => parentPort.postMessage("closed")).on("error", () => {}));
server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

/** The same over TLS: it says that the handshake began, and goes on with it a little later. */
const TLS_SERVER = `
const { createServer } = require("node:https");
const { connect, createServer: createTcpServer } = require("node:net");
const { parentPort, workerData } = require("node:worker_threads");
const server = createServer(workerData, () => parentPort.postMessage("asked"));
const relay = createTcpServer((socket) => {
  socket.once("data", (hello) => {
    parentPort.postMessage("hello");
    const through = connect(server.address().port, "127.0.0.1", () => through.write(hello));
    setTimeout(() => through.pipe(socket).pipe(through), 100);
  });
  socket.on("close", () => parentPort.postMessage("closed")).on("error", () => {});
});
server.listen(0, "127.0.0.1", () => relay.listen(0, "127.0.0.1", () => parentPort.postMessage(relay.address().port)));
`;

async function start(source: string, workerData?: object) {
  const server = new Worker(source, { eval: true, workerData });
  onTestFinished(async () => void (await server.terminate()));
  const said: unknown[] = [];
  server.on("message", (message) => said.push(message));
  const [port] = (await once(server, "message")) as [number];
  return { server, port, said };
}

function standStill(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

it("reads an answer that lay in the socket while the process itself stood still past the time limit", async () => {
  const { server, port } = await start(SERVER);
  const { post } = setupHttp();
  const answered = post(`http://127.0.0.1:${port}/`, { timeLimitMs: 1_000 });
  await once(server, "message");
  standStill(1_500);
  expect(await answered).toMatchObject({ kind: "answered", status: 200 });
});

it("sends nothing when the process stood still past the time limit while it connected", async () => {
  const { server, port, said } = await start(SERVER);
  const lookup: LookupFunction = (_, __, found) => {
    found(null, [{ address: "127.0.0.1", family: 4 }]);
    standStill(600);
  };
  const { post } = setupHttp({ lookup });
  const closed = once(server, "message");
  expect(await post(`http://cxone.test:${port}/`, { timeLimitMs: 300 })).toEqual({
    kind: "unsent",
    detail: "no connection in time",
  });
  await closed;
  expect(said).toEqual([port, "closed"]);
});

it("sends nothing when the process stood still past the time limit during the TLS handshake", async () => {
  const { server, port, said } = await start(TLS_SERVER, createTrustedCertificate("localhost"));
  const { post } = setupHttp();
  const sent = post(`https://localhost:${port}/`, { timeLimitMs: 1_000 });
  await once(server, "message");
  const closed = once(server, "message");
  standStill(1_500);
  expect(await sent).toEqual({ kind: "unsent", detail: "no connection in time" });
  await closed;
  expect(said).toEqual([port, "hello", "closed"]);
});
