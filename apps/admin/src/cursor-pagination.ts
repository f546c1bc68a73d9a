/** The cursor of a list: which list it is of, and where a page ended. */
import { decodeCursor, encodeCursor, type Page } from "@baton/api";
import { Refusal } from "@baton/domain";

/** Cursor is where a page ended, in a list that is ordered by score, ties by member. */
export interface Cursor {
  readonly score: number;
  readonly member: string;
}

/** PageRequest asks for a page of a list: the one behind `cursor`, or the first. */
export interface PageRequest {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/**
 * readListCursor reads a cursor of `list`, which names a list and what it belongs to; throws Refusal `invalid-request`
 * for a cursor of any other list.
 */
export function readListCursor(list: string, cursor: string): Cursor {
  const [from, score, member, ...more] = decodeCursor(cursor);
  const isOfList = from === list && more.length === 0;
  if (isOfList && typeof score === "number" && typeof member === "string") return { score, member };
  throw cursorOfOtherListRefusal();
}

/** readPageRequest gives a page of `list` as stores are asked for it; throws as readListCursor does. */
export function readPageRequest(list: string, { cursor, limit }: PageRequest) {
  return { limit, ...(cursor === undefined ? {} : { before: readListCursor(list, cursor) }) };
}

/** cursorOfOtherListRefusal turns down a cursor that another list gave out. */
export function cursorOfOtherListRefusal(): Refusal {
  return new Refusal("invalid-request", "The cursor belongs to another list; start again without it.", {
    errors: [{ pointer: "/cursor", message: "send `nextCursor` of the page before, unchanged" }],
  });
}

/** buildPageWithNextCursor is a page of `list`: its items, and the cursor of `next`, which `readListCursor` reads. */
export function buildPageWithNextCursor<T>(list: string, items: readonly T[], next: Cursor | undefined): Page<T> {
  return { items, ...(next === undefined ? {} : { nextCursor: encodeCursor([list, next.score, next.member]) }) };
}

/** compareNewestFirst orders by score from the highest down, ties by member. */
export function compareNewestFirst(a: Cursor, b: Cursor): number {
  return b.score - a.score || (a.member < b.member ? 1 : a.member > b.member ? -1 : 0);
}

interface ListOrder<T> {
  readonly list: string;
  readonly cursorOf: (item: T) => Cursor;
  readonly compare: (a: Cursor, b: Cursor) => number;
}

/**
 * sortAndCutPage takes the page behind `cursor` from `list`, which is whole in memory: `compare` orders what `cursorOf`
 * makes of its items.
 */
export function sortAndCutPage<T>(
  all: readonly T[],
  { list, cursorOf, compare }: ListOrder<T>,
  page: PageRequest,
): Page<T> {
  const after = page.cursor === undefined ? undefined : readListCursor(list, page.cursor);
  const sorted = all.toSorted((a, b) => compare(cursorOf(a), cursorOf(b)));
  const rest = after === undefined ? sorted : sorted.filter((item) => compare(cursorOf(item), after) > 0);
  const items = rest.slice(0, page.limit);
  const last = items.at(-1);
  const next = last === undefined || rest.length <= page.limit ? undefined : cursorOf(last);
  return buildPageWithNextCursor(list, items, next);
}
