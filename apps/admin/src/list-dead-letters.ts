/** The dead letters, newest first. */
import type { Handoff } from "@baton/domain";
import type { DeadLetterFilter, Page, PagePosition } from "@baton/store";
import { type Position, readPosition } from "./position.ts";

interface Deps {
  readonly deadLetters: {
    page(filter: DeadLetterFilter, options: { readonly before?: PagePosition; readonly limit: number }): Promise<Page>;
    total(filter: DeadLetterFilter): Promise<number | undefined>;
  };
}

/** DeadLetterQuery: letters died at `from` or later and before `to`, epoch milliseconds. */
interface DeadLetterQuery extends DeadLetterFilter {
  readonly cursor?: string;
  readonly limit: number;
}

/** DeadLetter is a dead handoff, and what it died of when (epoch milliseconds). */
interface DeadLetter {
  readonly handoff: Handoff;
  readonly cause: string;
  readonly diedAt: number;
}

/** DeadLetterPage: `total` is there where the store knows it exactly. A page may be short and still have a `next`. */
interface DeadLetterPage {
  readonly items: readonly DeadLetter[];
  readonly next?: Position;
  readonly total?: number;
}

/** ListDeadLetters throws Refusal `invalid-request` for a cursor of another list. */
export type ListDeadLetters = (query: DeadLetterQuery) => Promise<DeadLetterPage>;

/** createListDeadLetters counts beside the page, so that neither waits for the other. */
export function createListDeadLetters({ deadLetters }: Deps): ListDeadLetters {
  return async ({ cursor, limit, to, ...rest }) => {
    // The store's bounds are both included, in whole milliseconds.
    const filter = { ...rest, ...(to === undefined ? {} : { to: to - 1 }) };
    const options = { limit, ...(cursor === undefined ? {} : { before: readPosition(cursor) }) };
    const [page, total] = await Promise.all([deadLetters.page(filter, options), deadLetters.total(filter)]);
    return {
      items: page.items.map(({ handoff, cause = "other" }) => ({
        handoff,
        cause,
        diedAt: handoff.endedAt ?? handoff.deadlineAt,
      })),
      ...(page.next === undefined ? {} : { next: page.next }),
      ...(total === undefined ? {} : { total }),
    };
  };
}
