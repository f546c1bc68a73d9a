/** What is counted of a cause, as links to exactly those dead letters. */
import type { Cause } from "../api/answer-types.ts";
import { formatCount } from "../ui/format.ts";
import type { LinkedText } from "../ui/linked-text.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** causeCountLink gives how many dead letters there are. */
export function causeCountLink({ cause, count }: Pick<Cause, "cause" | "count">): LinkedText {
  return { text: formatCount(count), to: "/dead-letters", search: { tab: "list", cause } };
}

/**
 * causeLastHourCountLink gives how many died in the last hour; its list begins at a whole minute, so as not to tick.
 */
export function causeLastHourCountLink(
  { cause, lastHour }: Pick<Cause, "cause" | "lastHour">,
  now: number,
): LinkedText {
  const text = `${formatCount(lastHour)} in the last hour`;
  if (lastHour === 0) return { text };
  const from = new Date(Math.floor((now - HOUR_MS) / MINUTE_MS) * MINUTE_MS).toISOString();
  return { text, to: "/dead-letters", search: { tab: "list", cause, from } };
}
