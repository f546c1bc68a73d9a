/** Handoffs as an operator sees them: search, read, cancel. */
import type { Page } from "@baton/api";
import { createCancelRefusal, type Handoff } from "@baton/domain";
import type { CancelResult } from "@baton/handoffs";
import type { HandoffPage } from "@baton/handoffs/handoff-page-reader";
import { digestIdempotencyKey, type StoredHandoff } from "@baton/handoffs/handoff-record";
import type { HandoffFilter } from "@baton/handoffs/handoff-search";
import type { PageCursor } from "@baton/redis/shard-pages";
import { buildPageWithNextCursor, readListCursor } from "./cursor-pagination.ts";
import { notFoundRefusal } from "./shared-refusals.ts";

/** LIST names the list in its cursors. */
const LIST = "handoffs";
/**
 * MAX_EMPTY_PAGES are read for one answer where the index says little of what is asked for: 10,000 handoffs, in
 * commands of some milliseconds each. The answer may still be empty, and have a next page.
 */
const MAX_EMPTY_PAGES = 20;

interface SearchDeps {
  readonly search: (
    filter: HandoffFilter,
    options: { readonly before?: PageCursor; readonly limit: number },
  ) => Promise<HandoffPage>;
}

/** HandoffQuery: `idempotencyKey` is the key as the caller sent it. */
interface HandoffQuery extends HandoffFilter {
  readonly cursor?: string;
  readonly limit: number;
}

/** SearchHandoffs gives a page; it may be short and still have a next one. */
export type SearchHandoffs = (query: HandoffQuery) => Promise<Page<Handoff>>;

/** createSearchHandoffs looks keys up by their digest, as they are kept. */
export function createSearchHandoffs({ search }: SearchDeps): SearchHandoffs {
  return async ({ cursor, limit, idempotencyKey, ...rest }) => {
    const filter = {
      ...rest,
      ...(idempotencyKey === undefined ? {} : { idempotencyKey: digestIdempotencyKey(idempotencyKey) }),
    };
    const before = cursor === undefined ? undefined : readListCursor(LIST, cursor);
    let page = await search(filter, { limit, ...(before === undefined ? {} : { before }) });
    for (let empty = 1; page.items.length === 0 && page.next !== undefined && empty < MAX_EMPTY_PAGES; empty++)
      page = await search(filter, { limit, before: page.next });
    const handoffs = page.items.map(({ handoff }) => handoff);
    return buildPageWithNextCursor(LIST, handoffs, page.next);
  };
}

interface ReadDeps {
  readonly handoffs: { read(id: string): Promise<StoredHandoff | undefined> };
}

/** ReadHandoff throws Refusal `not-found`. */
export type ReadHandoff = (id: string) => Promise<StoredHandoff>;

export function createReadHandoff({ handoffs }: ReadDeps): ReadHandoff {
  return async (id) => {
    const stored = await handoffs.read(id);
    if (stored === undefined) throw notFoundRefusal("handoff", id);
    return stored;
  };
}

interface CancelDeps {
  readonly handoffs: { cancel(id: string): Promise<CancelResult> };
  /**
   * Resolves once what a handoff's record says in these fields is as safe as `BATON_DURABILITY` asks; throws when it is
   * not in time.
   */
  readonly waitUntilReplicated: (id: string, fields: Readonly<Record<string, string>>) => Promise<void>;
  readonly onCancelled: (handoff: Handoff) => void;
}

/**
 * CancelHandoff gives one that was cancelled before as it is; throws Refusal `not-found`, `already-sending` or
 * `already-ended`.
 */
export type CancelHandoff = (id: string) => Promise<Handoff>;

/**
 * createCancelHandoff answers once the cancel is as durable as `BATON_DURABILITY` asks, a repeated one like the first.
 */
export function createCancelHandoff({ handoffs, waitUntilReplicated, onCancelled }: CancelDeps): CancelHandoff {
  return async (id) => {
    const { kind, stored } = cancelledOrRefuse(id, await handoffs.cancel(id));
    if (kind === "cancelled") onCancelled(stored.handoff);
    await waitUntilReplicated(id, { st: "cancelled" });
    return stored.handoff;
  };
}

function cancelledOrRefuse(
  id: string,
  cancelled: CancelResult,
): Extract<CancelResult, { kind: "cancelled" | "repeated" }> {
  switch (cancelled.kind) {
    case "cancelled":
    case "repeated":
      return cancelled;
    case "not-found":
      throw notFoundRefusal("handoff", id);
    case "already-sending":
      throw createCancelRefusal(id, "sending");
    case "already-ended":
      throw createCancelRefusal(id, cancelled.status);
  }
}
