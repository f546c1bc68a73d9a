/** The address of the dead letters, and of what is done with many: filters, tab, sort and page. */
import type { Query } from "../api/request.ts";
import { oneOf, searchOf, text } from "../api/search.ts";
import type { DeadLetterFilter } from "../api/shapes.ts";

export const REASONS = ["rejected", "expired", "exhausted", "unknown", "credentials", "configuration"] as const;
export const CAUSE_STATES = ["open", "acknowledged", "ignored"] as const;
export const CAUSE_SORTS = ["count", "lastHour", "latest"] as const;

export const deadLetterSearch = searchOf({
  tab: oneOf(["causes", "list"]),
  connectorId: text,
  reason: oneOf(REASONS),
  cause: text,
  contactId: text,
  from: text,
  to: text,
  state: oneOf(CAUSE_STATES),
  sort: oneOf(CAUSE_SORTS),
  cursor: text,
});
export type DeadLetterSearch = ReturnType<typeof deadLetterSearch>;

/** toListQuery is the filter as the list of dead letters takes it. */
export function toListQuery({ connectorId, reason, cause, contactId, from, to }: DeadLetterSearch): Query {
  return { connectorId, reason, cause, contactId, from, to };
}

/** toPlanFilter is the filter as plans take it. */
export function toPlanFilter(search: DeadLetterSearch): DeadLetterFilter {
  const { reason, ...rest } = toListQuery(search);
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return { ...given, ...(reason === undefined ? {} : { reason: [reason as (typeof REASONS)[number]] }) };
}

/** isUnfiltered: every dead letter is meant. */
export function isUnfiltered(search: DeadLetterSearch): boolean {
  return Object.keys(toPlanFilter(search)).length === 0;
}
