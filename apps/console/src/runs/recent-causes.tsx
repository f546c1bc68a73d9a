/** Of what most died in the last hour. */
import type { CausePage } from "../api/shapes.ts";
import { lastHourPart } from "../dead-letters/cause-counts.ts";
import { causeTitle } from "../dead-letters/cause-title.ts";
import { useLive } from "../live/use-live.ts";
import { PartView } from "../overview/part-view.tsx";
import { useNow } from "../ui/clock.ts";
import styles from "./run.module.css";

/** As many as one reads before one acts; all are a link away. */
const SHOWN = 3;

/** RecentCauses names the worst ones of all connectors, or of one. */
export function RecentCauses({ connectorId }: { readonly connectorId: string | undefined }) {
  const now = useNow();
  const query = { sort: "lastHour", limit: SHOWN, connectorId };
  const { result } = useLive<CausePage>("/admin/v1/dead-letters/causes", { query });
  const recent = (result.data?.items ?? []).filter(({ lastHour }) => lastHour > 0);
  if (recent.length === 0) return null;
  return (
    <ul className={styles.recent} aria-label="Causes of the last hour">
      {recent.map((cause) => (
        <li key={cause.cause}>
          {causeTitle(cause)} · <PartView of={lastHourPart(cause, now)} />
        </li>
      ))}
    </ul>
  );
}
