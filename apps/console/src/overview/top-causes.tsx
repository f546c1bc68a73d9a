/** What fails: causes, the worst of the last hour first. */
import { Link } from "@tanstack/react-router";
import type { Cause, CausePage, ConnectorFigures } from "../api/shapes.ts";
import { deadPart, lastHourPart } from "../dead-letters/cause-counts.ts";
import { causeTitle } from "../dead-letters/cause-title.ts";
import { CauseTrend } from "../dead-letters/cause-trend.tsx";
import { ReopenedSince } from "../dead-letters/reopened-since.tsx";
import { useFixedOrder } from "../live/fixed-order.ts";
import { WithNewRowsButton } from "../live/steady-list.tsx";
import { useNow } from "../ui/clock.ts";
import { formatList, pluralize } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Panel } from "../ui/page.tsx";
import { CauseTag } from "../ui/tag.tsx";
import styles from "./overview.module.css";
import { PartView } from "./part-view.tsx";

/** As many as one looks at; the rest is a link away. */
const MAX_CAUSES = 5;
const MAX_NAMES = 3;

interface TopCausesProps {
  readonly page: CausePage;
  readonly connectors: readonly ConnectorFigures[];
}

const idOf = ({ cause }: Cause) => cause;

export function TopCauses({ page: { items, total }, connectors }: TopCausesProps) {
  const worst = items
    .filter(({ state }) => state !== "ignored")
    .toSorted((a, b) => b.lastHour - a.lastHour || b.count - a.count);
  const list = useFixedOrder(worst, idOf, MAX_CAUSES);
  if (list.items.length === 0) return null;
  const nameOf = new Map(connectors.map(({ id, name }) => [id, name]));
  const all = <Link to="/dead-letters">{total > MAX_CAUSES ? `all ${pluralize(total, "cause")}` : "all causes"}</Link>;
  return (
    <Panel title="What fails" note={<WithNewRowsButton of={list}>{all}</WithNewRowsButton>} around={list.around}>
      <ul className={styles.causes}>
        {list.items.map((cause) => (
          <li key={cause.cause} className={styles.cause}>
            <TopCause cause={cause} names={cause.connectors.slice(0, MAX_NAMES).map((id) => nameOf.get(id) ?? id)} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function TopCause({ cause, names }: { readonly cause: Cause; readonly names: readonly string[] }) {
  const now = useNow();
  return (
    <>
      <strong>{causeTitle(cause)}</strong>
      <CauseTag state={cause.state} />
      <PartView of={deadPart(cause)} />
      <span className={styles.detail}>
        <PartView of={lastHourPart(cause, now)} /> <CauseTrend cause={cause} /> · {formatList(names)} · since{" "}
        <Instant at={cause.firstAt} /> · last <Instant at={cause.lastAt} as="distance" />
        <ReopenedSince cause={cause} />
      </span>
    </>
  );
}
