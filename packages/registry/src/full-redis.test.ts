/** A Redis that is full: the registry refuses what is new, and still changes and deletes what is there. */
import { isRedisUnavailable, openRedis, parseRedisUrl, waitForConnection } from "@baton/redis/connection";
import { expect, it, onTestFinished } from "vitest";
import { startRedisServer } from "../../../tests/world/redis-server.ts";
import { createConnector } from "../../domain/testing/connector.ts";
import { createAdminKeyStore } from "./admin-key-store.ts";
import { createAuditStore } from "./audit-store.ts";
import { createConnectorStore } from "./connector-store.ts";
import { Heartbeat } from "./process-heartbeat.ts";

const ENTRY = { actor: { id: "ANA", name: "Ana" }, action: "everything.pause", outcome: "done" } as const;
const KEY = { name: "Ana", role: "admin", hash: "h" } as const;

/** setup opens a Redis of the test's own; `fill` makes it full. */
async function setup() {
  const server = await startRedisServer();
  const redis = openRedis(parseRedisUrl(server.url), "scripts");
  onTestFinished(() => redis.disconnect());
  await waitForConnection(redis);
  return {
    redis,
    connectors: createConnectorStore(redis, "full"),
    keys: createAdminKeyStore(redis, "full"),
    audit: createAuditStore(redis, "full"),
    fill: () => server.redis.config("SET", "maxmemory", "1"),
  };
}

it("creates nothing, changes and deletes connectors, revokes keys, writes and prunes the audit, and takes heartbeats", async () => {
  const { redis, connectors, keys, audit, fill } = await setup();
  const stored = { connector: createConnector({}, { pseudoNumbers: ["100"] }), credentials: "sealed" };
  await connectors.create(stored);
  await keys.issue({ id: "ANA", ...KEY });
  await audit.write(ENTRY);
  await fill();

  const other = { connector: createConnector({}, { pseudoNumbers: ["200"] }), credentials: "sealed" };
  const created = [connectors.create(other), keys.issue({ id: "EVE", ...KEY })];
  for (const result of await Promise.allSettled(created)) {
    expect(result.status === "rejected" && isRedisUnavailable(result.reason), JSON.stringify(result)).toBe(true);
  }
  expect([await connectors.read(other.connector.id), await connectors.ownerOf("200")]).toEqual([undefined, undefined]);
  expect((await keys.keys()).map(({ id }) => id)).toEqual(["ANA"]);

  const paused = { ...stored, connector: { ...stored.connector, paused: true, version: 2 } };
  expect(await connectors.change(stored, paused)).toEqual({ kind: "changed" });
  expect(await connectors.ownerOf("100")).toBe(stored.connector.id);
  expect([await connectors.remove(paused), await keys.revoke("ANA")]).toEqual([true, true]);
  await audit.write(ENTRY);
  expect(await audit.prune(Number.MAX_SAFE_INTEGER, 10)).toBe(2);
  const heartbeat = new Heartbeat(redis, { namespace: "full", ring: { role: "worker", keyIds: ["k1"] } });
  await heartbeat.send();
  expect([heartbeat.up, heartbeat.workers]).toEqual([true, 1]);
  expect(heartbeat.registryVersion).toBe(Number(await redis.hget("{full}:meta", "version")));
});
