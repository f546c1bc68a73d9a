/** Finding handoffs, the newest accepted first. */
import type { Handoff } from "@baton/domain";
import { type HandoffFilter, idempotencyDigest, type Page, type PagePosition } from "@baton/store";
import { type Position, readPosition } from "./position.ts";

interface Deps {
  readonly search: (
    filter: HandoffFilter,
    options: { readonly before?: PagePosition; readonly limit: number },
  ) => Promise<Page>;
}

/** HandoffQuery: `idempotencyKey` is the key as the caller sent it. */
interface HandoffQuery extends HandoffFilter {
  readonly cursor?: string;
  readonly limit: number;
}

/** SearchHandoffs gives a page; it may be short and still have a `next`. */
export type SearchHandoffs = (
  query: HandoffQuery,
) => Promise<{ readonly items: readonly Handoff[]; readonly next?: Position }>;

/** createSearchHandoffs looks keys up by their digest, as they are kept. */
export function createSearchHandoffs({ search }: Deps): SearchHandoffs {
  return async ({ cursor, limit, idempotencyKey, ...rest }) => {
    const filter = {
      ...rest,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey: idempotencyDigest(idempotencyKey) }),
    };
    const page = await search(filter, { limit, ...(cursor === undefined ? {} : { before: readPosition(cursor) }) });
    return { items: page.items.map(({ handoff }) => handoff), ...(page.next === undefined ? {} : { next: page.next }) };
  };
}
