/** The cursor of a list: where a page ended. */
import { decodeCursor, encodeCursor, type Page } from "@baton/api";
import { Refusal } from "@baton/domain";

/** Cursor is where a page ended, in a list that is ordered by score, ties by member. */
export interface Cursor {
  readonly score: number;
  readonly member: string;
}

/** readCursor reads a cursor; throws Refusal `invalid-request` where this API never gave one out like it. */
export function readCursor(cursor: string): Cursor {
  const [score, member, ...more] = decodeCursor(cursor);
  if (typeof score === "number" && typeof member === "string" && more.length === 0) return { score, member };
  throw new Refusal("invalid-request", "The cursor belongs to another list; start again without it.", {
    errors: [{ pointer: "/cursor", message: "send `nextCursor` of the page before, unchanged" }],
  });
}

/** listAnswer is a list's answer: its items, and the cursor of `next`. */
export function listAnswer<T>(items: T[], next: Cursor | undefined): Page<T> & { items: T[] } {
  return { items, ...(next === undefined ? {} : { nextCursor: encodeCursor([next.score, next.member]) }) };
}

/** newestFirst orders by score from the highest down, ties by member. */
export function newestFirst(a: Cursor, b: Cursor): number {
  return b.score - a.score || (a.member < b.member ? 1 : a.member > b.member ? -1 : 0);
}

/**
 * cutPage takes the page behind `cursor` from a list that is whole in memory and in the order of `cursorOf`:
 * `compare` gives that order.
 */
export function cutPage<T>(
  all: readonly T[],
  order: { readonly cursorOf: (item: T) => Cursor; readonly compare: (a: Cursor, b: Cursor) => number },
  page: { readonly cursor?: string; readonly limit: number },
): { readonly items: readonly T[]; readonly next?: Cursor } {
  const after = page.cursor === undefined ? undefined : readCursor(page.cursor);
  const rest = after === undefined ? all : all.filter((item) => order.compare(order.cursorOf(item), after) > 0);
  const items = rest.slice(0, page.limit);
  const last = items.at(-1);
  return { items, ...(last === undefined || rest.length <= page.limit ? {} : { next: order.cursorOf(last) }) };
}
