/** A connector's gate: closing it before the connector is deleted, and opening it for an operator who knows better. */
import { createLuaScript, readReplyText } from "@baton/redis/lua-script";
import { requireShardTagOfId, type Shards } from "@baton/redis/shards";

/** CLOSED_MS: every process knows of a deletion after 2 s; a minute is plenty. */
const CLOSED_MS = 60_000;

/**
 * createConnectorCloser keeps a connector from accepting another handoff, unless some are queued or being sent: then
 * false, and nothing changes. Should the deletion fail afterwards, the connector opens again by itself. Throws when
 * Redis cannot be reached.
 */
export function createConnectorCloser(shards: Shards): (connectorId: string) => Promise<boolean> {
  const close = createLuaScript<object>(import.meta, "close-connector-for-deletion");
  return async (connectorId) =>
    readReplyText(
      await close(shards.redis, requireShardTagOfId(shards, "cn", connectorId), { connectorId, closedMs: CLOSED_MS }),
      0,
    ) === "closed";
}

/**
 * createConnectorResumer opens a connector's gate: it ends the throttle, the breaker and the wait for the token
 * endpoint, and gives the names of what it ended. With the throttle, those who got a `Retry-After` wait for it no
 * longer. The rate holds on. Throws when Redis cannot be reached.
 */
export function createConnectorResumer(shards: Shards): (connectorId: string) => Promise<readonly string[]> {
  const resume = createLuaScript<object>(import.meta, "clear-throttle-and-breaker");
  return async (connectorId) => {
    const tag = requireShardTagOfId(shards, "cn", connectorId);
    const [more, ...ended] = await resume(shards.redis, tag, { connectorId });
    let isMore = more === 1;
    while (isMore) isMore = (await resume(shards.redis, tag, { connectorId, isMore }))[0] === 1;
    return ended.map(String);
  };
}
