import { oneOf, searchOf, text } from "../api/search.ts";

export const STATUSES = ["queued", "sending", "delivered", "dead", "cancelled", "discarded"] as const;

/** handoffSearch is the address of the search for handoffs. */
export const handoffSearch = searchOf({
  contactId: text,
  sharedId: text,
  idempotencyKey: text,
  connectorId: text,
  status: oneOf(STATUSES),
  cursor: text,
});
