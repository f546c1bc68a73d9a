/** What is counted of a connector, as links to exactly those rows. */
import type { ConnectorFigures, WaitingFor } from "../api/answer-types.ts";
import { shortWaitingReason } from "../handoff/waiting-reason.ts";
import { formatCount } from "../ui/format.ts";
import type { LinkedText } from "../ui/linked-text.ts";

/** What stands where the overview has no figures of a connector: it shows those in most trouble, once it is read. */
const UNKNOWN: LinkedText = { text: "–" };

/** queuedCountLink gives how many handoffs are queued. */
export function queuedCountLink(figures: Pick<ConnectorFigures, "id" | "queued"> | undefined): LinkedText {
  if (figures === undefined) return UNKNOWN;
  return countLink(figures.queued, { to: "/handoffs", search: { connectorId: figures.id, status: "queued" } });
}

/** dueAndWaitingCountLinks gives how many are due, and how many wait for what: `2 due`, `breaker 72`. */
export function dueAndWaitingCountLinks({
  id,
  due,
  waitingFor,
}: Pick<ConnectorFigures, "id" | "due" | "waitingFor">): readonly LinkedText[] {
  const counts = Object.entries(waitingFor) as readonly (readonly [WaitingFor, number | undefined])[];
  const waiting = counts.flatMap(([reason, count = 0]): readonly LinkedText[] => {
    if (count === 0) return [];
    const search = { connectorId: id, status: "queued", waitingFor: reason };
    return [{ text: `${shortWaitingReason(reason)} ${formatCount(count)}`, to: "/handoffs", search }];
  });
  return due > 0 ? [{ text: `${formatCount(due)} due` }, ...waiting] : waiting;
}

/** deadLetterCountLink gives how many dead letters there are. */
export function deadLetterCountLink(figures: Pick<ConnectorFigures, "id" | "deadLetters"> | undefined): LinkedText {
  if (figures === undefined) return UNKNOWN;
  return countLink(figures.deadLetters, { to: "/dead-letters", search: { tab: "list", connectorId: figures.id } });
}

/** deliveredCountLink gives how many were delivered in the last hour; its rows begin with the newest one. */
export function deliveredCountLink({
  id,
  deliveredLastHour,
}: Pick<ConnectorFigures, "id" | "deliveredLastHour">): LinkedText {
  return countLink(deliveredLastHour, { to: "/handoffs", search: { connectorId: id, status: "delivered" } });
}

/** Where there is none, there is nothing to look at. */
function countLink(count: number, rows: Pick<LinkedText, "to" | "search">): LinkedText {
  return count === 0 ? { text: "0" } : { text: formatCount(count), ...rows };
}
