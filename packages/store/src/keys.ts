/** Where things lie in Redis: the tag of each shard, and of the registry. */
import hashSlot from "cluster-key-slot";

const SLOTS = 16_384;
// A tag may miss its place by this many slots: far less than a shard's share for any number of shards one would run.
const NEAR_ENOUGH = 128;

/** registryTag is the slot of what is global: connectors, token hashes, settings. */
export function registryTag(namespace: string): string {
  return `{${namespace}}`;
}

const tags = new Map<string, string>();

/**
 * shardTag is the hash tag that every key and both BullMQ queues of a shard carry, `{namespace:shard}` with a suffix
 * where needed.
 *
 * Shards are laid out over the slots by bit reversal (0, 1/2, 1/4, 3/4, …), so that any number of them is spread evenly
 * over a cluster's masters and adding one moves none.
 */
export function shardTag(namespace: string, shard: number): string {
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
