/** Finding the connector that a request names. */
import type { StoredConnector } from "@baton/registry/connectors";
import { notFound } from "./refusals.ts";

/** ConnectorReader gives undefined for an id that no connector has. */
export interface ConnectorReader {
  read(id: string): Promise<StoredConnector | undefined>;
}

/** findStoredConnector throws Refusal `not-found` for an id that no connector has. */
export async function findStoredConnector(connectors: ConnectorReader, id: string): Promise<StoredConnector> {
  const stored = await connectors.read(id);
  if (stored === undefined) throw notFound("connector", id);
  return stored;
}
