/** Pages over an index of one or many shards, newest first. */
import { FENCE_MS } from "@baton/domain";
import { readRecord, type StoredHandoff } from "./handoff-record.ts";
import { createScript, list, number, type Reply, text } from "./script.ts";
import type { Shards } from "./shards.ts";

/** PagePosition is the last entry of a page: its score and member in the index. */
export interface PagePosition {
  readonly score: number;
  readonly member: string;
}

/**
 * PageQuery asks one index; `where` narrows what the index does not say, by the record's field names. Scores are epoch
 * milliseconds.
 */
export interface PageQuery {
  /** The index's key without the shard's tag. */
  readonly index: string;
  readonly where: Readonly<Record<string, string>>;
  readonly from?: number;
  readonly to?: number;
  readonly before?: PagePosition;
  readonly limit: number;
}

/**
 * Page holds entries and where the next one begins. `next` may be there though nothing is left, and a page may be
 * short: a rare filter is looked for in steps.
 */
export interface Page {
  readonly items: readonly StoredHandoff[];
  readonly next?: PagePosition;
}

// A page looks at so many entries of an index at most: a filter that matches one in a million must not hold Redis up.
const SCAN_PER_PAGE = 500;

/** createPages reads pages; shards are asked side by side and merged by score. */
export function createPages(shards: Shards) {
  const page = createScript<object>("page");

  return async (tags: readonly string[], query: PageQuery): Promise<Page> => {
    const { from, to, before, ...rest } = query;
    const args = { ...rest, from, to, before, scan: SCAN_PER_PAGE, fenceMs: FENCE_MS };
    const pages = await Promise.all(tags.map(async (tag) => readPage(await page(shards.redis, tag, args))));
    const [only] = pages;
    return pages.length === 1 && only !== undefined ? only.page : merge(pages, query.limit);
  };
}

interface ShardPage {
  readonly page: Page;
  readonly positions: readonly PagePosition[];
}

function readPage(reply: readonly Reply[]): ShardPage {
  const found = list(reply, 0);
  const items: StoredHandoff[] = [];
  const positions: PagePosition[] = [];
  for (let i = 0; i + 2 < found.length; i += 3) {
    const id = text(found, i);
    const stored = readRecord(id, list(found, i + 2));
    if (stored === undefined) continue;
    items.push(stored);
    positions.push({ score: number(found, i + 1), member: id });
  }
  const member = text(reply, 2);
  return { page: { items, ...(member === "" ? {} : { next: { score: number(reply, 1), member } }) }, positions };
}

/** merge takes the newest of all shards, no further down than the shard that looked least far. */
function merge(pages: readonly ShardPage[], limit: number): Page {
  const floor = pages.flatMap(({ page }) => (page.next === undefined ? [] : [page.next])).sort(newestFirst)[0];
  const entries = pages
    .flatMap(({ page, positions }) =>
      page.items.map((item, i) => ({ item, at: positions[i] ?? { score: 0, member: "" } })),
    )
    .filter(({ at }) => floor === undefined || newestFirst(at, floor) <= 0)
    .sort((a, b) => newestFirst(a.at, b.at));
  const kept = entries.slice(0, limit);
  const next = entries.length > limit ? kept.at(-1)?.at : floor;
  return { items: kept.map(({ item }) => item), ...(next === undefined ? {} : { next }) };
}

function newestFirst(a: PagePosition, b: PagePosition): number {
  return b.score - a.score || (a.member < b.member ? 1 : a.member > b.member ? -1 : 0);
}
