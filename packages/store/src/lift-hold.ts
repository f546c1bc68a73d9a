/** Lifting a hold: an operator knows better than the `Retry-After` of a broken proxy. */
import { createScript } from "./script.ts";
import { mustTagOf, type Shards } from "./shards.ts";

/** createLiftHold ends a connector's hold, if there is one; the workers let go what waits for it. Throws when Redis cannot be reached. */
export function createLiftHold(shards: Shards): (connectorId: string) => Promise<void> {
  const lift = createScript<object>("lift-hold");
  return async (connectorId) => {
    await lift(shards.redis, mustTagOf(shards, "cn", connectorId), { connectorId });
  };
}
