/** How many shards the connectors need: BATON_SHARDS may be more, and never less. */
import { shardOf } from "@baton/domain";

/** shardsInUse reads the shard out of each id. */
export function shardsInUse(connectors: readonly { readonly connector: { readonly id: string } }[]): number {
  return Math.max(0, ...connectors.map(({ connector }) => (shardOf("cn", connector.id) ?? 0) + 1));
}
