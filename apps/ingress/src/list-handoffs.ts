/** Listing a connector's own handoffs, the newest accepted first. */
import type { OwnHandoffSearch, Page } from "@baton/api";
import type { HandoffFilter, PagePosition, StoredHandoff, Page as StoredPage } from "@baton/store";
import type { HandoffCursors } from "./handoff-cursors.ts";
import { inTime } from "./in-time.ts";

/**
 * MOST_LOOKS at the index for one page: another connector's handoffs may have the same contact or shared id, or none
 * the status that is asked for.
 */
const MOST_LOOKS = 10;

interface Deps {
  readonly search: (
    filter: HandoffFilter,
    options: { readonly before?: PagePosition; readonly limit: number },
  ) => Promise<StoredPage>;
  readonly cursors: HandoffCursors;
}

/**
 * ListRequest is a query, and whose handoffs it is about; `answerBy` is when its sender must have heard, as
 * attentionNow() counts.
 */
export interface ListRequest {
  readonly connectorId: string;
  readonly query: OwnHandoffSearch;
  readonly answerBy: number;
}

/**
 * ListHandoffs gives a page; it may be short and still have a next one. Throws Refusal `invalid-request` for a cursor
 * that was not given out.
 */
export type ListHandoffs = (request: ListRequest) => Promise<Page<StoredHandoff>>;

/** createListHandoffs looks on where a look found less than a page, MOST_LOOKS times. */
export function createListHandoffs({ search, cursors }: Deps): ListHandoffs {
  return async ({ connectorId, query: { cursor, limit, ...filter }, answerBy }) => {
    let before = cursor === undefined ? undefined : cursors.read(connectorId, cursor);
    const items: StoredHandoff[] = [];
    for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
      const options = { limit: limit - items.length, ...(before === undefined ? {} : { before }) };
      const page = await inTime(search({ ...filter, connectorId }, options), answerBy);
      items.push(...page.items);
      before = page.next;
      if (before === undefined || items.length >= limit) break;
    }
    return { items, ...(before === undefined ? {} : { nextCursor: cursors.write(connectorId, before) }) };
  };
}
