/** Causes: dead letters grouped by what went wrong, over all connectors. */
import type { Cause } from "@baton/api";
import type { CauseGroup, StoredConnector } from "@baton/store";
import { cutPage, type Position } from "./position.ts";

interface Deps {
  readonly connectors: { all(): Promise<readonly StoredConnector[]> };
  readonly deadLetters: { causes(connectorIds: readonly string[]): Promise<readonly CauseGroup[]> };
}

interface CauseQuery {
  readonly connectorId?: string;
  readonly cursor?: string;
  readonly limit: number;
}

/** ListCauses gives a page of causes, the most frequent first. */
export type ListCauses = (query: CauseQuery) => Promise<{ readonly items: readonly Cause[]; readonly next?: Position }>;

/** createListCauses merges what befell several connectors alike. */
export function createListCauses({ connectors, deadLetters }: Deps): ListCauses {
  return async ({ connectorId, ...page }) => {
    const ids = connectorId === undefined ? (await connectors.all()).map(({ connector }) => connector.id) : [connectorId];
    const causes = merge(await deadLetters.causes(ids)).sort((a, b) => compare(positionOf(a), positionOf(b)));
    return cutPage(causes, { positionOf, compare }, page);
  };
}

function merge(groups: readonly CauseGroup[]): Cause[] {
  const causes = new Map<string, Cause>();
  for (const { connectorId, ...group } of groups) {
    const known = causes.get(group.cause);
    causes.set(
      group.cause,
      known === undefined ? { ...group, connectors: [connectorId] } : join(known, { ...group, connectors: [connectorId] }),
    );
  }
  return [...causes.values()];
}

/** join adds up two groups of one cause; what describes it is the newer one's. */
function join(a: Cause, b: Cause): Cause {
  const newer = b.lastAt > a.lastAt ? b : a;
  return { ...newer, count: a.count + b.count, connectors: [...a.connectors, ...b.connectors], firstAt: Math.min(a.firstAt, b.firstAt) };
}

function positionOf({ count, cause }: Cause): Position {
  return { score: count, member: cause };
}

function compare(a: Position, b: Position): number {
  return b.score - a.score || (a.member < b.member ? -1 : a.member > b.member ? 1 : 0);
}
