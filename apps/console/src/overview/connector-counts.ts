/** What is counted of a connector, and where exactly those rows are. */
import type { ConnectorFigures, WaitingFor } from "../api/shapes.ts";
import { shortWait } from "../handoff/waiting.ts";
import { formatCount } from "../ui/format.ts";
import type { Part } from "./headline.ts";

/** What stands where the overview has no figures of a connector: it shows those in most trouble, once it is read. */
const UNKNOWN: Part = { text: "–" };

/** queuedPart is how many handoffs are queued. */
export function queuedPart(figures: Pick<ConnectorFigures, "id" | "queued"> | undefined): Part {
  if (figures === undefined) return UNKNOWN;
  return countPart(figures.queued, { to: "/handoffs", search: { connectorId: figures.id, status: "queued" } });
}

/** waitingParts says how many of the queued ones are due, and what the others wait for: `2 due`, `breaker 72`. */
export function waitingParts({
  id,
  due,
  waitingFor,
}: Pick<ConnectorFigures, "id" | "due" | "waitingFor">): readonly Part[] {
  const counts = Object.entries(waitingFor) as readonly (readonly [WaitingFor, number | undefined])[];
  const waiting = counts.flatMap(([reason, count = 0]): readonly Part[] => {
    if (count === 0) return [];
    const search = { connectorId: id, status: "queued", waitingFor: reason };
    return [{ text: `${shortWait(reason)} ${formatCount(count)}`, to: "/handoffs", search }];
  });
  return due > 0 ? [{ text: `${formatCount(due)} due` }, ...waiting] : waiting;
}

/** deadLettersPart is how many dead letters there are. */
export function deadLettersPart(figures: Pick<ConnectorFigures, "id" | "deadLetters"> | undefined): Part {
  if (figures === undefined) return UNKNOWN;
  return countPart(figures.deadLetters, { to: "/dead-letters", search: { tab: "list", connectorId: figures.id } });
}

/** deliveredPart is how many were delivered in the last hour; its rows begin with the newest delivered one. */
export function deliveredPart({ id, deliveredLastHour }: Pick<ConnectorFigures, "id" | "deliveredLastHour">): Part {
  return countPart(deliveredLastHour, { to: "/handoffs", search: { connectorId: id, status: "delivered" } });
}

/** Where there is none, there is nothing to look at. */
function countPart(count: number, rows: Pick<Part, "to" | "search">): Part {
  return count === 0 ? { text: "0" } : { text: formatCount(count), ...rows };
}
