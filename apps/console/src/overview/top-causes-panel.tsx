/** What fails: causes, the worst of the last hour first. */
import { Link } from "@tanstack/react-router";
import type { Cause, CausePage, ConnectorFigures } from "../api/answer-types.ts";
import { buildCauseCountLink, buildCauseLastHourCountLink } from "../dead-letters/cause-count-links.ts";
import { CauseReopenedAt } from "../dead-letters/cause-reopened-at.tsx";
import { causeTitle } from "../dead-letters/cause-title.ts";
import { CauseTrend } from "../dead-letters/cause-trend.tsx";
import { PanelNoteWithNewRowsButton } from "../live/list-with-pending-changes.tsx";
import { useFixedOrderWhilePointedAt } from "../live/use-fixed-order-while-pointed-at.ts";
import { useNow } from "../ui/baton-clock.ts";
import { formatList, pluralize } from "../ui/format-numbers-and-times.ts";
import { Instant } from "../ui/instant.tsx";
import { Panel } from "../ui/page-layout.tsx";
import { CauseStateTag } from "../ui/tag.tsx";
import { TextOrLinkView } from "../ui/text-or-link-view.tsx";
import styles from "./overview.module.css";

/** As many as one looks at; the rest is a link away. */
const MAX_CAUSES = 5;
const MAX_NAMES = 3;

interface TopCausesPanelProps {
  readonly page: CausePage;
  readonly connectors: readonly ConnectorFigures[];
}

const idOf = ({ cause }: Cause) => cause;

export function TopCausesPanel({ page: { items, total }, connectors }: TopCausesPanelProps) {
  const worst = items
    .filter(({ state }) => state !== "ignored")
    .toSorted((a, b) => b.lastHour - a.lastHour || b.count - a.count);
  const list = useFixedOrderWhilePointedAt(worst, idOf, MAX_CAUSES);
  if (list.items.length === 0) return null;
  const nameOf = new Map(connectors.map(({ id, name }) => [id, name]));
  const all = <Link to="/dead-letters">{total > MAX_CAUSES ? `all ${pluralize(total, "cause")}` : "all causes"}</Link>;
  return (
    <Panel
      title="What fails"
      note={<PanelNoteWithNewRowsButton of={list}>{all}</PanelNoteWithNewRowsButton>}
      around={list.around}
    >
      <ul className={styles.causes}>
        {list.items.map((cause) => (
          <li key={cause.cause} className={styles.cause}>
            <TopCauseRow cause={cause} names={cause.connectors.slice(0, MAX_NAMES).map((id) => nameOf.get(id) ?? id)} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function TopCauseRow({ cause, names }: { readonly cause: Cause; readonly names: readonly string[] }) {
  const now = useNow();
  return (
    <>
      <strong>{causeTitle(cause)}</strong>
      <CauseStateTag state={cause.state} />
      <TextOrLinkView of={buildCauseCountLink(cause)} />
      <span className={styles.detail}>
        <TextOrLinkView of={buildCauseLastHourCountLink(cause, now)} /> <CauseTrend cause={cause} /> ·{" "}
        {formatList(names)} · since <Instant at={cause.firstAt} /> · last <Instant at={cause.lastAt} as="distance" />
        <CauseReopenedAt cause={cause} />
      </span>
    </>
  );
}
