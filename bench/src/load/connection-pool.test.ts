import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, it, onTestFinished } from "vitest";
import { ConnectionPool } from "./connection-pool.ts";

const REQUEST = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

it.each([
  { name: "uses a connection again that was used just now", idleMs: 60_000, connections: 1 },
  { name: "uses none again that a server may be about to close", idleMs: 0, connections: 2 },
])("$name", async ({ idleMs, connections }) => {
  let opened = 0;
  const server = createServer((_, response) => response.writeHead(202, { "content-length": 0 }).end());
  server.on("connection", () => opened++).listen(0, "127.0.0.1");
  await once(server, "listening");
  const pool = new ConnectionPool((server.address() as AddressInfo).port, idleMs);
  onTestFinished(() => {
    pool.close();
    server.close();
  });
  expect([await pool.send(REQUEST), await pool.send(REQUEST)]).toEqual([202, 202]);
  expect(opened).toBe(connections);
});
