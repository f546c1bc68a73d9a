/** The connectors, page by page. */
import type { Connector } from "@baton/domain";
import type { ConnectorPage, StoredConnector } from "@baton/store";
import { type Position, readPosition } from "./position.ts";

interface Deps {
  readonly connectors: { page(page: ConnectorPage): Promise<readonly StoredConnector[]> };
}

/** ListConnectors gives a page, the oldest first. */
export type ListConnectors = (page: {
  readonly cursor?: string;
  readonly limit: number;
}) => Promise<{ readonly items: readonly Connector[]; readonly next?: Position }>;

/** createListConnectors reads one more than a page holds, to know whether another follows. */
export function createListConnectors({ connectors }: Deps): ListConnectors {
  return async ({ cursor, limit }) => {
    const after = cursor === undefined ? {} : { after: readPosition(cursor) };
    const found = (await connectors.page({ ...after, limit: limit + 1 })).map(({ connector }) => connector);
    const items = found.slice(0, limit);
    const last = items.at(-1);
    return {
      items,
      ...(last === undefined || found.length <= limit ? {} : { next: { score: last.createdAt, member: last.id } }),
    };
  };
}
