/** Pages of handoffs over an index of one or many shards, newest first. */
import { FENCE_MS, type WaitingFor } from "@baton/domain";
import {
  createLuaScript,
  cutReplyIntoRows,
  type Reply,
  readReplyList,
  readReplyNumber,
  readReplyText,
} from "@baton/redis/lua-script";
import { mergeShardPages, type Page, type PageCursor, type ShardPage } from "@baton/redis/shard-pages";
import type { Shards } from "@baton/redis/shards";
import { parseHandoffRecord, type StoredHandoff } from "./handoff-record.ts";

/**
 * PageQuery asks one index; `where` narrows what the index does not say, by the record's field names, '' for a field
 * that a record has not. Scores are epoch milliseconds.
 */
interface PageQuery {
  /** The index's key without the shard's tag. */
  readonly index: string;
  readonly where: Readonly<Record<string, string | undefined>>;
  /** Only queued ones that wait for this. */
  readonly waitingFor?: WaitingFor | undefined;
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  readonly before?: PageCursor;
  readonly limit: number;
}

/** HandoffPage is a page of handoffs. */
export type HandoffPage = Page<StoredHandoff>;

/**
 * SCAN_PER_PAGE entries of an index are looked at for a page at most: a filter that matches one in a million must not
 * hold Redis up.
 */
export const SCAN_PER_PAGE = 500;

/** createHandoffPageReader reads pages; shards are asked side by side and merged by score. */
export function createHandoffPageReader(shards: Shards) {
  const page = createLuaScript(import.meta, "read-handoff-page");

  return async (tags: readonly string[], query: PageQuery): Promise<HandoffPage> => {
    const args = { ...query, scan: SCAN_PER_PAGE, fenceMs: FENCE_MS };
    const pages = await Promise.all(tags.map(async (tag) => readPage(await page(shards.redis, tag, args))));
    const [only] = pages;
    return pages.length === 1 && only !== undefined ? only.page : mergeShardPages(pages, query.limit);
  };
}

function readPage(reply: readonly Reply[]): ShardPage<StoredHandoff> {
  const items: StoredHandoff[] = [];
  const positions: PageCursor[] = [];
  for (const row of cutReplyIntoRows(readReplyList(reply, 0), 3)) {
    const id = readReplyText(row, 0);
    const stored = parseHandoffRecord(id, readReplyList(row, 2));
    if (stored === undefined) continue;
    items.push(stored);
    positions.push({ score: readReplyNumber(row, 1), member: id });
  }
  const member = readReplyText(reply, 2);
  return {
    page: { items, ...(member === "" ? {} : { next: { score: readReplyNumber(reply, 1), member } }) },
    positions,
  };
}
