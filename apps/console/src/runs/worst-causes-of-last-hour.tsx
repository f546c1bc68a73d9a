/** Of what most died in the last hour. */
import type { CausePage } from "../api/answer-types.ts";
import { buildCauseLastHourCountLink } from "../dead-letters/cause-count-links.ts";
import { causeTitle } from "../dead-letters/cause-title.ts";
import { useLiveQuery } from "../live/use-live-query.ts";
import { useNow } from "../ui/baton-clock.ts";
import { TextOrLinkView } from "../ui/text-or-link-view.tsx";
import styles from "./run.module.css";

/** As many as one reads before one acts; all are a link away. */
const SHOWN = 3;

/** WorstCausesOfLastHour names the worst ones of all connectors, or of one. */
export function WorstCausesOfLastHour({ connectorId }: { readonly connectorId: string | undefined }) {
  const now = useNow();
  const query = { sort: "lastHour", limit: SHOWN, connectorId };
  const { result } = useLiveQuery<CausePage>("/admin/v1/dead-letters/causes", { query });
  const recent = (result.data?.items ?? []).filter(({ lastHour }) => lastHour > 0);
  if (recent.length === 0) return null;
  return (
    <ul className={styles.recent} aria-label="Causes of the last hour">
      {recent.map((cause) => (
        <li key={cause.cause}>
          {causeTitle(cause)} · <TextOrLinkView of={buildCauseLastHourCountLink(cause, now)} />
        </li>
      ))}
    </ul>
  );
}
