import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { expect, it, onTestFinished } from "vitest";
import { setupHttp } from "../testing/setup.ts";

/** A server in a thread of its own, which says that it was asked, and answers while this thread stands still. */
const SERVER = `
const { createServer } = require("node:http");
const { parentPort } = require("node:worker_threads");
const server = createServer((request, response) => {
  parentPort.postMessage("asked");
  setTimeout(() => response.end("{}"), 300);
});
server.listen(0, "127.0.0.1", () => parentPort.postMessage(server.address().port));
`;

it("reads an answer that lay in the socket while the process itself stood still past the time limit", async () => {
  const server = new Worker(SERVER, { eval: true });
  onTestFinished(async () => void (await server.terminate()));
  const [port] = (await once(server, "message")) as [number];
  const { post } = setupHttp();
  const answered = post(`http://127.0.0.1:${port}/`, { timeLimitMs: 1_000 });
  await once(server, "message");
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
  expect(await answered).toMatchObject({ kind: "answered", status: 200 });
});
