/** What fails: causes, the worst of the last hour first. */
import { Link } from "@tanstack/react-router";
import type { Cause, ConnectorFigures } from "../api/shapes.ts";
import { causeTitle } from "../dead-letters/cause-title.ts";
import { ReopenedSince } from "../dead-letters/reopened-since.tsx";
import { formatCount, formatList } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { Panel } from "../ui/page.tsx";
import { CauseTag } from "../ui/tag.tsx";
import styles from "./overview.module.css";

/** As many as one looks at; the rest is a link away. */
const SHOWN = 5;
const NAMES = 3;

interface WhatFailsProps {
  readonly causes: readonly Cause[];
  readonly connectors: readonly ConnectorFigures[];
}

export function TopCauses({ causes, connectors }: WhatFailsProps) {
  const worst = causes
    .filter(({ state }) => state !== "ignored")
    .toSorted((a, b) => b.lastHour - a.lastHour || b.count - a.count);
  if (worst.length === 0) return null;
  const nameOf = new Map(connectors.map(({ id, name }) => [id, name]));
  return (
    <Panel title="What fails" note={<Link to="/dead-letters">all causes</Link>}>
      <ul className={styles.causes}>
        {worst.slice(0, SHOWN).map((cause) => (
          <li key={cause.cause} className={styles.cause}>
            <strong>{causeTitle(cause)}</strong>
            <CauseTag state={cause.state} />
            <Link to="/dead-letters" search={{ tab: "list", cause: cause.cause }}>
              {formatCount(cause.count)}
            </Link>
            <span className={styles.detail}>
              {formatCount(cause.lastHour)} in the last hour ·{" "}
              {formatList(cause.connectors.slice(0, NAMES).map((id) => nameOf.get(id) ?? id))} · since{" "}
              <Instant at={cause.firstAt} /> · last <Instant at={cause.lastAt} as="distance" />
              <ReopenedSince cause={cause} />
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
