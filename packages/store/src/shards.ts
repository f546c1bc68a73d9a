/** Shards: the hash slots over which connectors and all that is theirs are spread. */
import { type IdPrefix, shardOf } from "@baton/domain";
import { shardTag } from "./keys.ts";
import type { RedisConnection } from "./redis.ts";

/** Shards is where a store finds its data: one connection, and a tag for each shard. */
export interface Shards {
  readonly redis: RedisConnection;
  readonly namespace: string;
  /** Every shard's tag, in order. */
  readonly tags: readonly string[];
}

/** createShards names the tags of `count` shards. */
export function createShards(redis: RedisConnection, namespace: string, count: number): Shards {
  return { redis, namespace, tags: Array.from({ length: count }, (_, shard) => shardTag(namespace, shard)) };
}

/**
 * tagOf gives the tag that an id belongs to; undefined where the text is no id of that kind, or of no shard that
 * exists.
 */
export function tagOf(shards: Shards, prefix: IdPrefix, id: string): string | undefined {
  const shard = shardOf(prefix, id);
  return shard === undefined ? undefined : shards.tags[shard];
}

/** mustTagOf is tagOf for an id that Baton made itself. */
export function mustTagOf(shards: Shards, prefix: IdPrefix, id: string): string {
  const tag = tagOf(shards, prefix, id);
  if (tag === undefined)
    throw new Error(`"${id}" belongs to none of the ${shards.tags.length} shards; BATON_SHARDS may only rise`);
  return tag;
}
