/** A connection to a real Redis, for one test. */
import { inject, onTestFinished } from "vitest";
import { openRedis, parseRedisUrl, type RedisConnection, type RedisUse, waitForConnection } from "../src/connection.ts";

/** A database apart from the other tests': `elapse` looks through all of its keys, which must not hold up the rest. */
const DATABASE = 9;

/** openTestRedis opens a connection that is closed when the test is finished. */
export async function openTestRedis(use: RedisUse = "scripts"): Promise<RedisConnection> {
  const target = parseRedisUrl(inject("redisUrl"));
  const redis = openRedis({ ...target, login: { ...target.login, db: DATABASE } }, use);
  onTestFinished(() => redis.disconnect());
  await waitForConnection(redis);
  return redis;
}
