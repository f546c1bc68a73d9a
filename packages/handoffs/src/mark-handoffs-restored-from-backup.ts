/** Handoffs that come from a backup: what was not over there may have been sent since. */

import { createLuaScript, readReplyList, readReplyNumber, readReplyText } from "@baton/redis/lua-script";
import type { PageCursor } from "@baton/redis/shard-pages";
import type { Shards } from "@baton/redis/shards";

/**
 * MarkedPage is what became of a page of a shard's handoffs; `last` is where the next one begins, undefined at the end.
 */
export interface MarkedPage {
  /** Queued ones and dead letters that now count as perhaps arrived. */
  readonly marked: number;
  /** Queued ones of at-most-once connectors: dead letters now (unknown). */
  readonly died: number;
  /** Of another version of Baton: left alone. */
  readonly otherVersion: number;
  /** What went wrong with single handoffs, in words. */
  readonly faults: readonly string[];
  readonly last?: PageCursor;
}

/** A page holds so many handoffs: Redis is held up for some milliseconds. */
const PAGE_LIMIT = 500;

/**
 * MarkRestoredHandoffs marks a page of a shard's handoffs, the oldest first; a page may be marked twice. Throws
 * `CommandTimeout` or the driver's error when Redis cannot be reached.
 */
export type MarkRestoredHandoffs = (
  tag: string,
  atMostOnce: readonly string[],
  after?: PageCursor,
) => Promise<MarkedPage>;

export function createMarkRestoredHandoffs(shards: Shards): MarkRestoredHandoffs {
  const mark = createLuaScript(import.meta, "mark-handoffs-restored-from-backup");
  return async (tag, atMostOnce, after) => {
    const reply = await mark(shards.redis, tag, { limit: PAGE_LIMIT, atMostOnce, after });
    const member = readReplyText(reply, 1);
    return {
      marked: readReplyNumber(reply, 2),
      died: readReplyNumber(reply, 3),
      otherVersion: readReplyNumber(reply, 4),
      faults: readReplyList(reply, 5).map(String),
      ...(member === "" ? {} : { last: { score: readReplyNumber(reply, 0), member } }),
    };
  };
}
