/** A filter in words, with the names that people know. */
import type { DeadLetterFilter } from "../api/shapes.ts";
import { useConnectors } from "../connectors/use-connectors.ts";
import { useCauseTitle } from "../dead-letters/cause-title.ts";
import { useNow } from "../ui/clock.ts";
import { formatList, formatTimeOfDay } from "../ui/format.ts";

export function FilterSummary({ of }: { readonly of: DeadLetterFilter }) {
  const { nameOf } = useConnectors();
  const cause = useCauseTitle(of.cause);
  const now = useNow();
  const parts = [
    of.connectorId && `connector ${nameOf(of.connectorId)}`,
    of.reason?.length && `reason ${of.reason.join(" or ")}`,
    of.cause && `cause ${cause}`,
    of.contactId && `contact ${of.contactId}`,
    of.from && `died since ${formatTimeOfDay(Date.parse(of.from), now)}`,
    of.to && `died before ${formatTimeOfDay(Date.parse(of.to), now)}`,
  ].filter((part): part is string => typeof part === "string");
  return parts.length === 0 ? "All dead letters" : `Dead letters of ${formatList(parts)}`;
}
