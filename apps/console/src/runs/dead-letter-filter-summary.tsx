/** A filter in words, with the names that people know. */
import type { DeadLetterFilter } from "../api/answer-types.ts";
import { useConnectors } from "../connectors/use-connectors.ts";
import { useCauseTitleByFingerprint } from "../dead-letters/cause-title.ts";
import { useNow } from "../ui/baton-clock.ts";
import { formatList, formatTimeOfDay } from "../ui/format-numbers-and-times.ts";

const SECOND_MS = 1_000;

export function DeadLetterFilterSummary({ of }: { readonly of: DeadLetterFilter }) {
  const { nameOf } = useConnectors();
  const cause = useCauseTitleByFingerprint(of.cause);
  const now = useNow();
  // Chosen ones may have died within a second.
  const seconds = of.from !== undefined && of.to !== undefined;
  const before = Math.ceil(Date.parse(of.to ?? "") / SECOND_MS) * SECOND_MS;
  const whose = [
    of.connectorId && `connector ${nameOf(of.connectorId)}`,
    of.reason?.length && `reason ${of.reason.join(" or ")}`,
    of.cause && `cause ${cause}`,
    of.contactId && `contact ${of.contactId}`,
  ].filter(isText);
  const died = [
    of.from && `since ${formatTimeOfDay(Date.parse(of.from), now, { seconds })}`,
    of.to && `before ${formatTimeOfDay(before, now, { seconds })}`,
  ].filter(isText);
  if (whose.length + died.length === 0) return "All dead letters";
  const scope = whose.length > 0 ? ` of ${formatList(whose)}` : "";
  return `Dead letters${scope}${died.length > 0 ? ` that died ${died.join(" and ")}` : ""}`;
}

function isText(part: unknown): part is string {
  return typeof part === "string" && part !== "";
}
