import { oneOf, searchOf, text } from "../api/search.ts";
import { UNANSWERED } from "./explain-search.ts";

export const CONNECTOR_TABS = ["state", "settings", "tokens", "screen-pop-keys", "test", "explain"] as const;
export type ConnectorTab = (typeof CONNECTOR_TABS)[number];

/** connectorSearch is the address of a connector's page; all but `tab` is the question that `explain` answers. */
export const connectorSearch = searchOf({
  tab: oneOf(CONNECTOR_TABS),
  status: text,
  retryAfter: text,
  unanswered: oneOf(UNANSWERED),
  attempt: text,
  left: text,
});
