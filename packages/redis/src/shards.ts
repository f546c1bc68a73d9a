/** Shards: the hash slots over which connectors and all that is theirs are spread, and the registry's. */
import { type IdPrefix, shardOfId } from "@baton/domain";
import hashSlot from "cluster-key-slot";
import type { RedisConnection } from "./connection.ts";

const SLOTS = 16_384;
// A tag may miss its place by this many slots: far less than a shard's share for any number of shards one would run.
const NEAR_ENOUGH = 128;

/** Shards is where a store finds its data: one connection, and a tag for each shard. */
export interface Shards {
  readonly redis: RedisConnection;
  readonly namespace: string;
  /** Every shard's tag, in order. */
  readonly tags: readonly string[];
}

/** createShards names the tags of `count` shards. */
export function createShards(redis: RedisConnection, namespace: string, count: number): Shards {
  return { redis, namespace, tags: Array.from({ length: count }, (_, shard) => shardHashTag(namespace, shard)) };
}

/**
 * findShardTagOfId gives the tag that an id belongs to; undefined where the text is no id of that kind, or of no shard
 * that exists.
 */
export function findShardTagOfId(shards: Shards, prefix: IdPrefix, id: string): string | undefined {
  const shard = shardOfId(prefix, id);
  return shard === undefined ? undefined : shards.tags[shard];
}

/** UnknownShard is thrown for what lies in a shard that only processes with a higher BATON_SHARDS know. */
export class UnknownShard extends Error {
  override readonly name = "UnknownShard";

  constructor(id: string, count: number) {
    super(`${id} lies in none of the ${count} shards that this process has; start it with a higher BATON_SHARDS`);
  }
}

/**
 * requireShardTagOfId is findShardTagOfId for an id that Baton made itself; throws UnknownShard where there is none.
 */
export function requireShardTagOfId(shards: Shards, prefix: IdPrefix, id: string): string {
  const tag = findShardTagOfId(shards, prefix, id);
  if (tag === undefined) throw new UnknownShard(id, shards.tags.length);
  return tag;
}

/**
 * shardTagsOfConnector names the shards that can hold what belongs to a connector: all where none is named, none where
 * the text is no connector's id.
 */
export function shardTagsOfConnector(shards: Shards, connectorId: string | undefined): readonly string[] {
  if (connectorId === undefined) return shards.tags;
  const tag = findShardTagOfId(shards, "cn", connectorId);
  return tag === undefined ? [] : [tag];
}

/** registryHashTag is the slot of what is global: connectors, token hashes, settings. */
export function registryHashTag(namespace: string): string {
  return `{${namespace}}`;
}

const tags = new Map<string, string>();

/**
 * shardHashTag is the hash tag that every key and both BullMQ queues of a shard carry, `{namespace:shard}` with a
 * suffix where needed.
 *
 * Shards are laid out over the slots by bit reversal (0, 1/2, 1/4, 3/4, …), so that any number of them is spread evenly
 * over a cluster's masters and adding one moves none.
 */
export function shardHashTag(namespace: string, shard: number): string {
  const name = `${namespace}:${shard}`;
  const known = tags.get(name);
  if (known !== undefined) return known;
  const tag = `{${nearestTag(name, Math.floor(SLOTS * bitReversed(shard)))}}`;
  tags.set(name, tag);
  return tag;
}

function nearestTag(name: string, target: number): string {
  for (let suffix = 0; ; suffix++) {
    const tag = suffix === 0 ? name : `${name}.${suffix}`;
    const distance = Math.abs(hashSlot(tag) - target);
    if (Math.min(distance, SLOTS - distance) <= NEAR_ENOUGH) return tag;
  }
}

function bitReversed(index: number): number {
  let fraction = 0;
  for (let rest = index, weight = 0.5; rest > 0; rest = Math.floor(rest / 2), weight /= 2)
    fraction += (rest % 2) * weight;
  return fraction;
}
