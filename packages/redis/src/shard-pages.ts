/** Pages over sorted sets, newest first. */

/** PageCursor is the last entry of a page: its score and member in the index. */
export interface PageCursor {
  readonly score: number;
  readonly member: string;
}

/**
 * Page holds entries and where the next one begins. `next` may be there though nothing is left, and a page may be
 * short: a rare filter is looked for in steps.
 */
export interface Page<Item> {
  readonly items: readonly Item[];
  readonly next?: PageCursor;
}

/** ShardPage is a page of one shard's index, with where each of its entries lies. */
export interface ShardPage<Item> {
  readonly page: Page<Item>;
  readonly positions: readonly PageCursor[];
}

/** mergeShardPages takes the newest of all shards, no further down than the shard that looked least far. */
export function mergeShardPages<Item>(pages: readonly ShardPage<Item>[], limit: number): Page<Item> {
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

function newestFirst(a: PageCursor, b: PageCursor): number {
  return b.score - a.score || (a.member < b.member ? 1 : a.member > b.member ? -1 : 0);
}
