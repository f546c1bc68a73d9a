/** All connectors, by id: for names and for choosing among them. */
import type { ConnectorJson, ListPage } from "../api/answer-types.ts";
import { useLiveQuery } from "../live/use-live-query.ts";

/** They change rarely. Milliseconds. */
const INTERVAL_MS = 30_000;
/** As many as one answer gives. Where there are more, the rest is shown by id. */
const MAX_CONNECTORS = 500;

export interface Connectors {
  readonly items: readonly ConnectorJson[];
  /** The id itself where the name is not known. */
  nameOf(id: string): string;
}

export function useConnectors(): Connectors {
  const { result } = useLiveQuery<ListPage<ConnectorJson>>("/admin/v1/connectors", {
    query: { limit: MAX_CONNECTORS },
    intervalMs: INTERVAL_MS,
  });
  const items = result.data?.items ?? [];
  return { items, nameOf: (id) => items.find((connector) => connector.id === id)?.name ?? id };
}
