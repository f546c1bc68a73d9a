/** Reading handoffs, one by its id or a list, the newest accepted first: a connector sees only its own. */

import { decodeCursor, encodeCursor, invalidCursorRefusal, type OwnHandoffSearch, type Page } from "@baton/api";
import type { HandoffPage } from "@baton/handoffs/handoff-page-reader";
import type { StoredHandoff } from "@baton/handoffs/handoff-record";
import type { HandoffFilter } from "@baton/handoffs/handoff-search";
import type { PageCursor } from "@baton/redis/shard-pages";
import { SealBroken, UnknownKey, type Vault } from "@baton/vault";
import { withAnswerDeadline } from "./request-answer-deadline.ts";
import { notFoundRefusal } from "./shared-refusals.ts";

interface ReadDeps {
  readonly handoffs: { read(id: string): Promise<StoredHandoff | undefined> };
}

/**
 * HandoffLookup is one handoff that a connector asks about; `answerBy` is when its sender must be answered, as
 * nowWithoutEventLoopLag() counts.
 */
export interface HandoffLookup {
  readonly connectorId: string;
  readonly id: string;
  readonly answerBy: number;
}

/**
 * createReadHandoff throws Refusal `not-found` alike for a handoff that is another's and for one that does not exist.
 */
export function createReadHandoff({ handoffs }: ReadDeps): (asked: HandoffLookup) => Promise<StoredHandoff> {
  return async ({ connectorId, id, answerBy }) => {
    const stored = await withAnswerDeadline(handoffs.read(id), answerBy);
    if (stored?.handoff.connectorId !== connectorId) throw notFoundRefusal("handoff", id);
    return stored;
  };
}

/**
 * MAX_LOOKUPS at the index for one page: another connector's handoffs may have the same contact or shared id, or none
 * the status that is asked for.
 */
const MAX_LOOKUPS = 10;

interface ListDeps {
  readonly search: (
    filter: HandoffFilter,
    options: { readonly before?: PageCursor; readonly limit: number },
  ) => Promise<HandoffPage>;
  readonly cursors: SealedHandoffCursors;
}

/**
 * ListRequest is a query, and whose handoffs it is about; `answerBy` is when its sender must be answered, as
 * nowWithoutEventLoopLag() counts.
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

/** createListHandoffs looks on where a look found less than a page, MAX_LOOKUPS times. */
export function createListHandoffs({ search, cursors }: ListDeps): ListHandoffs {
  return async ({ connectorId, query: { cursor, limit, ...filter }, answerBy }) => {
    let before = cursor === undefined ? undefined : cursors.read(connectorId, cursor);
    const items: StoredHandoff[] = [];
    for (let looks = 0; looks < MAX_LOOKUPS; looks += 1) {
      const options = { limit: limit - items.length, ...(before === undefined ? {} : { before }) };
      const page = await withAnswerDeadline(search({ ...filter, connectorId }, options), answerBy);
      items.push(...page.items);
      before = page.next;
      if (before === undefined || items.length >= limit) break;
    }
    return { items, ...(before === undefined ? {} : { nextCursor: cursors.write(connectorId, before) }) };
  };
}

/** SealedHandoffCursors write where a page ended, and read it again for the same connector. */
export interface SealedHandoffCursors {
  write(connectorId: string, position: PageCursor): string;
  /** Throws Refusal `invalid-request` for a text that `write` did not give this connector. */
  read(connectorId: string, cursor: string): PageCursor;
}

/** createSealedHandoffCursors binds each cursor to its connector. */
export function createSealedHandoffCursors(vault: Pick<Vault, "seal" | "open">): SealedHandoffCursors {
  const cursorBinding = (connectorId: string) => ({ connectorId, record: connectorId, field: "cursor" });
  return {
    write: (connectorId, { score, member }) =>
      vault.seal(encodeCursor([score, member]), cursorBinding(connectorId)).toString("base64url"),
    read(connectorId, cursor) {
      const [score, member] = decodeCursor(openCursor(connectorId, cursor));
      if (typeof score === "number" && typeof member === "string") return { score, member };
      throw invalidCursorRefusal();
    },
  };

  function openCursor(connectorId: string, cursor: string): string {
    try {
      return vault.open(Buffer.from(cursor, "base64url"), cursorBinding(connectorId)).toString();
    } catch (error) {
      throw error instanceof SealBroken || error instanceof UnknownKey ? invalidCursorRefusal() : error;
    }
  }
}
