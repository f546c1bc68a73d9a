/** What is counted of a cause, and where exactly those dead letters are. */
import type { Cause } from "../api/shapes.ts";
import type { Part } from "../overview/headline.ts";
import { formatCount } from "../ui/format.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** deadPart is how many dead letters there are. */
export function deadPart({ cause, count }: Pick<Cause, "cause" | "count">): Part {
  return { text: formatCount(count), to: "/dead-letters", search: { tab: "list", cause } };
}

/** lastHourPart is how many died within the last hour; its list begins at a whole minute, so that it does not tick. */
export function lastHourPart({ cause, lastHour }: Pick<Cause, "cause" | "lastHour">, now: number): Part {
  const text = `${formatCount(lastHour)} in the last hour`;
  if (lastHour === 0) return { text };
  const from = new Date(Math.floor((now - HOUR_MS) / MINUTE_MS) * MINUTE_MS).toISOString();
  return { text, to: "/dead-letters", search: { tab: "list", cause, from } };
}
