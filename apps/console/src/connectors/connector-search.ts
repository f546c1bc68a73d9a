import { oneOf, searchOf } from "../api/search.ts";

export const CONNECTOR_TABS = ["state", "settings", "tokens", "screen-pop-keys", "test"] as const;
export type ConnectorTab = (typeof CONNECTOR_TABS)[number];

/** connectorSearch is the address of a connector's page. */
export const connectorSearch = searchOf({ tab: oneOf(CONNECTOR_TABS) });
