/** Opening a connector's gate for an operator who knows better than its throttle and its breaker. */
import { createLuaScript } from "@baton/redis/lua-script";
import { requireShardTagOfId, type Shards } from "@baton/redis/shards";

/**
 * createClearThrottleAndBreaker opens a connector's gate: it ends the throttle, the breaker and the wait for the token
 * endpoint, and gives the names of what it ended. With the throttle, those who got a `Retry-After` wait for it no
 * longer. The rate holds on. Throws when Redis cannot be reached.
 */
export function createClearThrottleAndBreaker(shards: Shards): (connectorId: string) => Promise<readonly string[]> {
  const clear = createLuaScript(import.meta, "clear-throttle-and-breaker");
  return async (connectorId) => {
    const tag = requireShardTagOfId(shards, "cn", connectorId);
    const [more, ...ended] = await clear(shards.redis, tag, { connectorId });
    let isMore = more === 1;
    while (isMore) isMore = (await clear(shards.redis, tag, { connectorId, isMore }))[0] === 1;
    return ended.map(String);
  };
}
