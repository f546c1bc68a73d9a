/** How many shards the stored connectors lie on, and whether as many are configured. */
import { shardOfId } from "@baton/domain";
import { ConfigurationFault } from "@baton/runtime/configuration-fault";

/** countShardsUsedByConnectors reads the shard out of each id. */
export function countShardsUsedByConnectors(
  connectors: readonly { readonly connector: { readonly id: string } }[],
): number {
  return Math.max(0, ...connectors.map(({ connector }) => (shardOfId("cn", connector.id) ?? 0) + 1));
}

/** refuseFewerShardsThanUsed refuses a run that would not reach every shard: its report would be wrong. */
export function refuseFewerShardsThanUsed(
  connectors: readonly { readonly connector: { readonly id: string } }[],
  shards: number,
): void {
  const used = countShardsUsedByConnectors(connectors);
  if (used > shards)
    throw new ConfigurationFault([
      `BATON_SHARDS: at least ${used} shards are in use; give the number that ingress has`,
    ]);
}
