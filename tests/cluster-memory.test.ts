/** What is shown of a cluster's memory: it refuses handoffs as soon as one of its masters is full. */
import { openRedis, parseRedisUrl, waitForConnection } from "@baton/redis/connection";
import { readFullestMasterMemory } from "@baton/redis/server-report";
import { expect, it, onTestFinished } from "vitest";
import { startMasters } from "./world/cluster.ts";

/** Bytes: more than an empty Redis has, and less than its limit. */
const STORED = 30_000_000;
const LIMIT = 100_000_000;

it("is that of the fullest master, not of all together", async () => {
  const { url, nodes } = await startMasters();
  for (const { redis } of nodes) await redis.config("SET", "maxmemory", LIMIT);
  const redis = openRedis(parseRedisUrl(url), "scripts").on("error", () => undefined);
  onTestFinished(() => redis.disconnect());
  await waitForConnection(redis);
  await redis.set("one key lies on one master", "x".repeat(STORED));
  const { usedBytes, limitBytes } = await readFullestMasterMemory(redis);
  expect(usedBytes).toBeGreaterThan(STORED);
  expect(limitBytes).toBe(LIMIT);
});
