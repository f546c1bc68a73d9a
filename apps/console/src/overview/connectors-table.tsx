/** The connectors, those in most trouble first. */
import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import type { ConnectorFigures } from "../api/answer-types.ts";
import { useNow } from "../ui/baton-clock.ts";
import { formatDuration } from "../ui/format-numbers-and-times.ts";
import { type Column, Table } from "../ui/table.tsx";
import { Tag } from "../ui/tag.tsx";
import { TextOrLinkView } from "../ui/text-or-link-view.tsx";
import {
  buildDeadLetterCountLink,
  buildDeliveredCountLink,
  buildDueAndWaitingCountLinks,
  buildQueuedCountLink,
} from "./connector-count-links.ts";
import { describeConnectorState } from "./connector-state.ts";
import { DeadlineProgressBar } from "./deadline-progress-bar.tsx";
import styles from "./overview.module.css";

const COLUMNS: readonly Column<ConnectorFigures>[] = [
  {
    id: "name",
    title: "Connector",
    isName: true,
    cell: ({ id, name }) => (
      <Link to="/connectors/$id" params={{ id }}>
        {name}
      </Link>
    ),
  },
  { id: "state", title: "State", cell: (connector) => <ConnectorStateTag of={connector} /> },
  { id: "queued", title: "Queued", isNumber: true, cell: (connector) => <QueuedCell of={connector} /> },
  {
    id: "used",
    title: "Deadline used",
    cell: ({ queued, deadlineUsed }) => <DeadlineUsedCell used={queued === 0 ? null : deadlineUsed} />,
  },
  {
    id: "dead",
    title: "Dead letters",
    isNumber: true,
    cell: (each) => <TextOrLinkView of={buildDeadLetterCountLink(each)} />,
  },
  {
    id: "delivered",
    title: "Delivered, 1\u00a0h",
    isNumber: true,
    cell: (each) => <TextOrLinkView of={buildDeliveredCountLink(each)} />,
  },
  {
    id: "latency",
    title: "p50 / p99",
    isNumber: true,
    cell: ({ p50Ms, p99Ms }) =>
      p50Ms === null || p99Ms === null ? (
        "–"
      ) : (
        <span title="From due to delivered, over the last hour: at most so long">
          {formatDuration(p50Ms)} / {formatDuration(p99Ms)}
        </span>
      ),
  },
];

export function ConnectorsTable({ connectors }: { readonly connectors: readonly ConnectorFigures[] }) {
  return (
    <Table
      caption="Connectors, those in most trouble first"
      columns={COLUMNS}
      rows={connectors}
      rowId={({ id }) => id}
    />
  );
}

/** ConnectorStateTag says whether a connector sends, and if not, until when. */
export function ConnectorStateTag({ of }: { readonly of: ConnectorFigures }) {
  const { tone, icon, words } = describeConnectorState(of, useNow());
  return (
    <Tag tone={tone} icon={icon}>
      {words}
    </Tag>
  );
}

function QueuedCell({ of }: { readonly of: ConnectorFigures }) {
  if (of.queued === 0) return "0";
  return (
    <>
      <TextOrLinkView of={buildQueuedCountLink(of)} />
      <div className={styles.waits}>
        {buildDueAndWaitingCountLinks(of).map((part, at) => (
          <Fragment key={part.text}>
            {at > 0 && ", "}
            <TextOrLinkView of={part} />
          </Fragment>
        ))}
      </div>
    </>
  );
}

function DeadlineUsedCell({ used }: { readonly used: number | null | undefined }) {
  if (used == null) return "–";
  const percent = `${Math.round(100 * Math.min(1, used))} %`;
  return (
    <span className={styles.used}>
      <DeadlineProgressBar used={used} label={`${percent} of the most urgent one's deadline used`} />
      {percent}
    </span>
  );
}
