/** One connection to Redis for a whole examination. */
import { connected, openRedis, type RedisConnection, type RedisTarget } from "@baton/store";

/** RedisAccess is open, whether or not Redis answers; `lastError` is what the connection itself last failed of. */
export interface RedisAccess {
  readonly redis: RedisConnection;
  readonly target: RedisTarget;
  lastError(): Error | undefined;
  close(): void;
}

/** openRedisAccess waits until the connection is there, or known to be late. */
export async function openRedisAccess(target: RedisTarget): Promise<RedisAccess> {
  let last: Error | undefined;
  const redis = openRedis(target, "scripts").on("error", (error: Error) => {
    last = error;
  });
  await connected(redis);
  return { redis, target, lastError: () => last, close: () => redis.disconnect() };
}
