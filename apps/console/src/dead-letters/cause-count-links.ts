/** What is counted of a cause, as links to exactly those dead letters. */
import type { Cause } from "../api/answer-types.ts";
import { formatCount } from "../ui/format-numbers-and-times.ts";
import type { TextOrLink } from "../ui/text-or-link.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** buildCauseCountLink gives how many dead letters there are. */
export function buildCauseCountLink({ cause, count }: Pick<Cause, "cause" | "count">): TextOrLink {
  return { text: formatCount(count), to: "/dead-letters", search: { tab: "list", cause } };
}

/**
 * buildCauseLastHourCountLink gives how many died in the last hour; its list begins at a whole minute, so as not to
 * tick.
 */
export function buildCauseLastHourCountLink(
  { cause, lastHour }: Pick<Cause, "cause" | "lastHour">,
  now: number,
): TextOrLink {
  const text = `${formatCount(lastHour)} in the last hour`;
  if (lastHour === 0) return { text };
  const from = new Date(Math.floor((now - HOUR_MS) / MINUTE_MS) * MINUTE_MS).toISOString();
  return { text, to: "/dead-letters", search: { tab: "list", cause, from } };
}
