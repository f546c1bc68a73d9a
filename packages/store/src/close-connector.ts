/** Closing: the last step of a connector before it is deleted. */
import { createScript, text } from "./script.ts";
import { mustTagOf, type Shards } from "./shards.ts";

/** CLOSED_MS: every process knows of a deletion after 2 s; a minute is plenty. */
const CLOSED_MS = 60_000;

/**
 * createCloseConnector keeps a connector from accepting another handoff, unless some are queued or being sent: then
 * false, and nothing changes. Should the deletion fail afterwards, the connector opens again by itself. Throws when
 * Redis cannot be reached.
 */
export function createCloseConnector(shards: Shards): (connectorId: string) => Promise<boolean> {
  const close = createScript<object>("connector-close");
  return async (connectorId) =>
    text(await close(shards.redis, mustTagOf(shards, "cn", connectorId), { connectorId, closedMs: CLOSED_MS }), 0) ===
    "closed";
}
