/** The connectors, page by page. */
import type { Connector } from "@baton/domain";
import type { StoredConnector } from "@baton/store";
import { cutPage, type Position } from "./position.ts";

interface Deps {
  readonly connectors: { all(): Promise<readonly StoredConnector[]> };
}

/** ListConnectors gives a page, the oldest first. */
export type ListConnectors = (page: {
  readonly cursor?: string;
  readonly limit: number;
}) => Promise<{ readonly items: readonly Connector[]; readonly next?: Position }>;

/** createListConnectors reads them all, as every process does: there are few. */
export function createListConnectors({ connectors }: Deps): ListConnectors {
  return async (page) => {
    const all = (await connectors.all()).map(({ connector }) => connector).sort((a, b) => compare(positionOf(a), positionOf(b)));
    return cutPage(all, { positionOf, compare }, page);
  };
}

function positionOf({ id, createdAt }: Connector): Position {
  return { score: createdAt, member: id };
}

function compare(a: Position, b: Position): number {
  return a.score - b.score || (a.member < b.member ? -1 : a.member > b.member ? 1 : 0);
}
