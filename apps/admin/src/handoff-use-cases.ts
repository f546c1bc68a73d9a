/** Handoffs as an operator sees them: search, read, cancel. */
import type { Page } from "@baton/api";
import { createCancelRefusal, type Handoff } from "@baton/domain";
import type { CancelResult } from "@baton/handoffs";
import { digestIdempotencyKey, type StoredHandoff } from "@baton/handoffs/handoff-record";
import type { HandoffFilter, SearchHandoffs } from "@baton/handoffs/handoff-search";
import { buildPageWithNextCursor, type PageRequest, readPageRequest } from "./cursor-pagination.ts";
import { notFoundRefusal } from "./shared-refusals.ts";

/** LIST names the list in its cursors. */
const LIST = "handoffs";
/**
 * MAX_EMPTY_PAGES are read for one answer where the index says little of what is asked for: 10,000 handoffs, in
 * commands of some milliseconds each. The answer may still be empty, and have a next page.
 */
const MAX_EMPTY_PAGES = 20;

interface Deps {
  readonly search: SearchHandoffs;
  readonly handoffs: {
    read(id: string): Promise<StoredHandoff | undefined>;
    cancel(id: string): Promise<CancelResult>;
  };
  /**
   * Resolves once what a handoff's record says in these fields is as safe as `BATON_DURABILITY` asks; throws when it is
   * not in time.
   */
  readonly waitUntilReplicated: (id: string, fields: Readonly<Record<string, string>>) => Promise<void>;
  readonly onCancelled: (handoff: Handoff) => void;
}

export interface HandoffUseCases {
  /**
   * Gives a page; it may be short and still have a next one. `idempotencyKey` is the key as its sender sent it: it is
   * looked up by its digest, as it is kept.
   */
  searchHandoffs(query: HandoffFilter & PageRequest): Promise<Page<Handoff>>;
  /** Throws Refusal `not-found`. */
  readHandoff(id: string): Promise<StoredHandoff>;
  /**
   * Answers once the cancel is as durable as `BATON_DURABILITY` asks, a repeated one like the first. Throws Refusal
   * `not-found`, `already-sending` or `already-ended`.
   */
  cancelHandoff(id: string): Promise<Handoff>;
}

export function createHandoffUseCases({ search, handoffs, waitUntilReplicated, onCancelled }: Deps): HandoffUseCases {
  return {
    async searchHandoffs({ cursor, limit, idempotencyKey, ...rest }) {
      const digest = idempotencyKey === undefined ? {} : { idempotencyKey: digestIdempotencyKey(idempotencyKey) };
      const filter = { ...rest, ...digest };
      let page = await search(filter, readPageRequest(LIST, { cursor, limit }));
      for (let empty = 1; page.items.length === 0 && page.next !== undefined && empty < MAX_EMPTY_PAGES; empty++)
        page = await search(filter, { limit, before: page.next });
      const found = page.items.map(({ handoff }) => handoff);
      return buildPageWithNextCursor(LIST, found, page.next);
    },
    async readHandoff(id) {
      const stored = await handoffs.read(id);
      if (stored === undefined) throw notFoundRefusal("handoff", id);
      return stored;
    },
    async cancelHandoff(id) {
      const { kind, stored } = cancelledOrRefuse(id, await handoffs.cancel(id));
      if (kind === "cancelled") onCancelled(stored.handoff);
      await waitUntilReplicated(id, { st: "cancelled" });
      return stored.handoff;
    },
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
