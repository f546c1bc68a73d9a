/** Resuming: an operator knows better than the `Retry-After` of a broken proxy. */
import { createScript } from "./script.ts";
import { mustTagOf, type Shards } from "./shards.ts";

/**
 * createResumeConnector opens a connector's gate: it ends the throttle, the breaker and the wait for the token
 * endpoint, and gives the names of what it ended. With the throttle, those who got a `Retry-After` wait for it no
 * longer. The rate holds on. Throws when Redis cannot be reached.
 */
export function createResumeConnector(shards: Shards): (connectorId: string) => Promise<readonly string[]> {
  const resume = createScript<object>("resume");
  return async (connectorId) => {
    const tag = mustTagOf(shards, "cn", connectorId);
    const [more, ...ended] = await resume(shards.redis, tag, { connectorId });
    let isMore = more === 1;
    while (isMore) isMore = (await resume(shards.redis, tag, { connectorId, isMore }))[0] === 1;
    return ended.map(String);
  };
}
