/** How many shards the stored connectors lie on, and whether as many are configured. */
import { shardOfId } from "@baton/domain";
import { ConfigurationFault } from "@baton/runtime/configuration-fault";

/** countShardsInUse reads the shard out of each id. */
export function countShardsInUse(connectors: readonly { readonly connector: { readonly id: string } }[]): number {
  return Math.max(0, ...connectors.map(({ connector }) => (shardOfId("cn", connector.id) ?? 0) + 1));
}

/** requireEnoughShards refuses a run that would not reach every shard: its report would be wrong. */
export function requireEnoughShards(
  connectors: readonly { readonly connector: { readonly id: string } }[],
  shards: number,
): void {
  const used = countShardsInUse(connectors);
  if (used > shards)
    throw new ConfigurationFault([
      `BATON_SHARDS: at least ${used} shards are in use; give the number that ingress has`,
    ]);
}
