/** Handoffs that come from a backup: what was not over there may have been sent since. */
import type { PageCursor } from "@baton/redis/page";
import { createScript, readList, readNumber, readText } from "@baton/redis/script";
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

export type RestoredHandoffs = ReturnType<typeof createRestoredHandoffs>;

/** createRestoredHandoffs throws `CommandTimeout` or the driver's error when Redis cannot be reached. */
export function createRestoredHandoffs(shards: Shards) {
  const mark = createScript<object>(import.meta, "mark-restored");
  return {
    /** mark marks a page of a shard's handoffs, the oldest first; a page may be marked twice. */
    async mark(tag: string, atMostOnce: readonly string[], after?: PageCursor): Promise<MarkedPage> {
      const reply = await mark(shards.redis, tag, { limit: PAGE_LIMIT, atMostOnce, after });
      const member = readText(reply, 1);
      return {
        marked: readNumber(reply, 2),
        died: readNumber(reply, 3),
        otherVersion: readNumber(reply, 4),
        faults: readList(reply, 5).map(String),
        ...(member === "" ? {} : { last: { score: readNumber(reply, 0), member } }),
      };
    },
  };
}
