/** Dead letters as a list, the newest first; some of a page can be chosen, or all that match. */
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { DeadLetterJson, ListPage } from "../api/answer-types.ts";
import { type Connectors, useConnectors } from "../connectors/use-connectors.ts";
import { CONTACT_LINK_COLUMN } from "../handoff/contact-link-table-column.tsx";
import { FreshnessTag } from "../live/freshness-tag.tsx";
import { NewRowsButton, useListWithPendingNewRows } from "../live/list-with-pending-changes.tsx";
import { LiveQueryView } from "../live/live-query-view.tsx";
import { useLiveQuery } from "../live/use-live-query.ts";
import { type DeadLetterSearch, isUnfiltered, toDeadLetterListQuery } from "../page-search-params.ts";
import { usePermissions } from "../session/session-and-permissions.ts";
import { pluralize } from "../ui/format-numbers-and-times.ts";
import { Instant } from "../ui/instant.tsx";
import { NoneMatches } from "../ui/list-filters.tsx";
import { ListPager } from "../ui/list-pager.tsx";
import { EmptyState } from "../ui/page-layout.tsx";
import { type Column, Table } from "../ui/table.tsx";
import styles from "./cause.module.css";
import { deadReasonTitle } from "./cause-title.ts";
import { NO_FILTER, useChangeDeadLetterFilters } from "./dead-letter-filters.tsx";
import { SelectionBar } from "./selection-bar.tsx";

/** Rows of a page: what one scans without losing the place. */
const PAGE_SIZE = 50;

export function DeadLetterList({ search }: { readonly search: DeadLetterSearch }) {
  const live = useLiveQuery<ListPage<DeadLetterJson>>("/admin/v1/dead-letters", {
    query: { ...toDeadLetterListQuery(search), cursor: search.cursor, limit: PAGE_SIZE },
  });
  return (
    <>
      <div>
        <FreshnessTag of={live} />
      </div>
      <LiveQueryView of={live}>{(page) => <DeadLetterPage page={page} search={search} />}</LiveQueryView>
    </>
  );
}

interface DeadLetterPageProps {
  readonly page: ListPage<DeadLetterJson>;
  readonly search: DeadLetterSearch;
}

function DeadLetterPage({ page, search }: DeadLetterPageProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const list = useListWithPendingNewRows(JSON.stringify(search), page.items, ({ id }) => id);
  const { canOperate } = usePermissions();
  const columns = useColumns(chosen, setChosen);
  if (list.items.length === 0 && page.nextCursor === undefined) return <NoDeadLetters search={search} />;
  return (
    <>
      {canOperate && (
        <SelectionBar page={list.items} chosen={chosen} choose={setChosen} search={search} total={page.total} />
      )}
      <NewRowsButton of={list} />
      <Table caption="Dead letters, the newest first" columns={columns} rows={list.items} rowId={({ id }) => id} />
      <ListPager
        shown={formatShownRows(list.items.length, page.total)}
        to="/dead-letters"
        search={search}
        nextCursor={page.nextCursor}
      />
    </>
  );
}

function formatShownRows(rows: number, total: number | undefined): string {
  return total === undefined
    ? pluralize(rows, "row")
    : `${pluralize(rows, "row")} of ${pluralize(total, "dead letter")}`;
}

/** useColumns gives the columns; an operator also gets one to choose rows with. */
function useColumns(chosen: ReadonlySet<string>, choose: (ids: ReadonlySet<string>) => void) {
  const connectors = useConnectors();
  const { canOperate } = usePermissions();
  return useMemo(
    () => [...(canOperate ? [choiceColumn(chosen, choose)] : []), ...columnsFor(connectors)],
    [canOperate, chosen, choose, connectors],
  );
}

function choiceColumn(chosen: ReadonlySet<string>, choose: (ids: ReadonlySet<string>) => void): Column<DeadLetterJson> {
  const turn = (id: string) => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    choose(next);
  };
  return {
    id: "choice",
    title: "",
    cell: ({ id, contactId }) => (
      <input
        type="checkbox"
        className={styles.check}
        aria-label={`Choose contact ${contactId}`}
        checked={chosen.has(id)}
        onChange={() => turn(id)}
      />
    ),
  };
}

function columnsFor({ nameOf }: Connectors): readonly Column<DeadLetterJson>[] {
  return [
    CONTACT_LINK_COLUMN,
    {
      id: "connector",
      title: "Connector",
      isName: true,
      cell: ({ connectorId }) => (
        <Link to="/connectors/$id" params={{ id: connectorId }}>
          {nameOf(connectorId)}
        </Link>
      ),
    },
    { id: "reason", title: "Why", cell: (deadLetter) => <ReasonCell of={deadLetter} /> },
    { id: "died", title: "Died", cell: ({ diedAt }) => <Instant at={diedAt} /> },
    { id: "attempts", title: "Attempts", isNumber: true, cell: ({ attempts }) => attempts.length },
    { id: "replays", title: "Replays", isNumber: true, cell: ({ replays }) => replays },
  ];
}

function ReasonCell({ of: { reason, attempts, mayHaveArrived } }: { readonly of: DeadLetterJson }) {
  const last = attempts.at(-1);
  return (
    <>
      {reason === undefined ? "dead" : deadReasonTitle(reason)}
      {last !== undefined && (
        <div className={styles.attempt}>
          last attempt {last.outcome}
          {last.httpStatus === undefined ? "" : ` (${last.httpStatus})`}
          {mayHaveArrived ? " · may have arrived" : ""}
        </div>
      )}
    </>
  );
}

function NoDeadLetters({ search }: { readonly search: DeadLetterSearch }) {
  const change = useChangeDeadLetterFilters();
  if (isUnfiltered(search)) {
    return <EmptyState title="No dead letters">Every handoff that ended was delivered or taken back.</EmptyState>;
  }
  return <NoneMatches title="No dead letter matches" onClear={() => change(NO_FILTER)} />;
}
