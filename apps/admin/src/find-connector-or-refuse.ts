/** Finding the connector that a request names. */
import type { StoredConnector } from "@baton/registry/connector-store";
import { notFoundRefusal } from "./shared-refusals.ts";

/** ConnectorReader gives undefined for an id that no connector has. */
export interface ConnectorReader {
  read(id: string): Promise<StoredConnector | undefined>;
}

/** findConnectorOrRefuse throws Refusal `not-found` for an id that no connector has. */
export async function findConnectorOrRefuse(connectors: ConnectorReader, id: string): Promise<StoredConnector> {
  const stored = await connectors.read(id);
  if (stored === undefined) throw notFoundRefusal("connector", id);
  return stored;
}
