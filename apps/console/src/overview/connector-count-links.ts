/** What is counted of a connector, as links to exactly those rows. */
import type { ConnectorFigures, WaitingFor } from "../api/answer-types.ts";
import { shortWaitingReason } from "../handoff/waiting-reason.ts";
import { formatCount } from "../ui/format-numbers-and-times.ts";
import type { TextOrLink } from "../ui/text-or-link.ts";

/** What stands where the overview has no figures of a connector: it shows those in most trouble, once it is read. */
const UNKNOWN: TextOrLink = { text: "–" };

/** buildQueuedCountLink gives how many handoffs are queued. */
export function buildQueuedCountLink(figures: Pick<ConnectorFigures, "id" | "queued"> | undefined): TextOrLink {
  if (figures === undefined) return UNKNOWN;
  return countLink(figures.queued, { to: "/handoffs", search: { connectorId: figures.id, status: "queued" } });
}

/** buildDueAndWaitingCountLinks gives how many are due, and how many wait for what: `2 due`, `breaker 72`. */
export function buildDueAndWaitingCountLinks({
  id,
  due,
  waitingFor,
}: Pick<ConnectorFigures, "id" | "due" | "waitingFor">): readonly TextOrLink[] {
  const counts = Object.entries(waitingFor) as readonly (readonly [WaitingFor, number | undefined])[];
  const waiting = counts.flatMap(([reason, count = 0]): readonly TextOrLink[] => {
    if (count === 0) return [];
    const search = { connectorId: id, status: "queued", waitingFor: reason };
    return [{ text: `${shortWaitingReason(reason)} ${formatCount(count)}`, to: "/handoffs", search }];
  });
  return due > 0 ? [{ text: `${formatCount(due)} due` }, ...waiting] : waiting;
}

/** buildDeadLetterCountLink gives how many dead letters there are. */
export function buildDeadLetterCountLink(
  figures: Pick<ConnectorFigures, "id" | "deadLetters"> | undefined,
): TextOrLink {
  if (figures === undefined) return UNKNOWN;
  return countLink(figures.deadLetters, { to: "/dead-letters", search: { tab: "list", connectorId: figures.id } });
}

/** buildDeliveredCountLink gives how many were delivered in the last hour; its rows begin with the newest one. */
export function buildDeliveredCountLink({
  id,
  deliveredLastHour,
}: Pick<ConnectorFigures, "id" | "deliveredLastHour">): TextOrLink {
  return countLink(deliveredLastHour, { to: "/handoffs", search: { connectorId: id, status: "delivered" } });
}

/** Where there is none, there is nothing to look at. */
function countLink(count: number, rows: Pick<TextOrLink, "to" | "search">): TextOrLink {
  return count === 0 ? { text: "0" } : { text: formatCount(count), ...rows };
}
