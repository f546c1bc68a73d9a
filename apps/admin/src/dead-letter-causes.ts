/** Causes: dead letters grouped by what went wrong, of one connector or of all. */
import type { Cause } from "@baton/api";
import type { CauseGroup } from "@baton/handoffs/causes";
import { cutPage, type Position } from "./cursor.ts";

interface Deps {
  readonly deadLetters: {
    causes(): Promise<readonly CauseGroup[]>;
    causesOf(connectorId: string): Promise<readonly CauseGroup[]>;
  };
}

interface CauseQuery {
  readonly connectorId?: string;
  readonly cursor?: string;
  readonly limit: number;
}

/** ListCauses gives a page of causes, the most frequent first. */
export type ListCauses = (query: CauseQuery) => Promise<{ readonly items: readonly Cause[]; readonly next?: Position }>;

/** createListCauses cuts its pages out of all causes that are told: a thousand at most. */
export function createListCauses({ deadLetters }: Deps): ListCauses {
  return async ({ connectorId, ...page }) => {
    const causes = await (connectorId === undefined ? deadLetters.causes() : deadLetters.causesOf(connectorId));
    return cutPage(
      causes.toSorted((a, b) => compare(positionOf(a), positionOf(b))),
      { positionOf, compare },
      page,
    );
  };
}

function positionOf({ count, cause }: Cause): Position {
  return { score: count, member: cause };
}

function compare(a: Position, b: Position): number {
  return b.score - a.score || (a.member < b.member ? -1 : a.member > b.member ? 1 : 0);
}
