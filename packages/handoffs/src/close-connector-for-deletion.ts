/** Closing a connector that is about to be deleted: it accepts nothing more. */
import { createLuaScript, readReplyText } from "@baton/redis/lua-script";
import { requireShardTagOfId, type Shards } from "@baton/redis/shards";

/** CLOSED_MS: every process knows of a deletion after 2 s; a minute is plenty. */
const CLOSED_MS = 60_000;

/**
 * createCloseConnectorForDeletion keeps a connector from accepting another handoff, unless some are queued or being
 * sent: then false, and nothing changes. Should the deletion fail afterwards, the connector opens again by itself.
 * Throws when Redis cannot be reached.
 */
export function createCloseConnectorForDeletion(shards: Shards): (connectorId: string) => Promise<boolean> {
  const close = createLuaScript(import.meta, "close-connector-for-deletion");
  return async (connectorId) => {
    const tag = requireShardTagOfId(shards, "cn", connectorId);
    return readReplyText(await close(shards.redis, tag, { connectorId, closedMs: CLOSED_MS }), 0) === "closed";
  };
}
