/** Dead letters as a list, the newest first; some of a page can be chosen, or all that match. */
import { Link } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import type { DeadLetterJson, Page as PageOf } from "../api/shapes.ts";
import { type Connectors, useConnectors } from "../connectors/use-connectors.ts";
import { CONTACT_COLUMN } from "../handoff/contact-column.tsx";
import { Freshness } from "../live/freshness.tsx";
import { LiveView } from "../live/live-view.tsx";
import { NewRowsButton, useSteadyList } from "../live/steady-list.tsx";
import { useLive } from "../live/use-live.ts";
import { type DeadLetterSearch, isUnfiltered, toListQuery } from "../search-params.ts";
import { usePermissions } from "../session/session.ts";
import { NoneMatches } from "../ui/filters.tsx";
import { pluralize } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { ListPager } from "../ui/list-pager.tsx";
import { Empty } from "../ui/page.tsx";
import { type Column, Table } from "../ui/table.tsx";
import styles from "./cause.module.css";
import { reasonTitle } from "./cause-title.ts";
import { NO_FILTER, useChange } from "./dead-letter-filters.tsx";
import { SelectionBar } from "./selection-bar.tsx";

/** Rows of a page: what one scans without losing the place. */
const PAGE_SIZE = 50;

export function DeadLetterList({ search }: { readonly search: DeadLetterSearch }) {
  const live = useLive<PageOf<DeadLetterJson>>("/admin/v1/dead-letters", {
    query: { ...toListQuery(search), cursor: search.cursor, limit: PAGE_SIZE },
  });
  return (
    <>
      <div>
        <Freshness of={live} />
      </div>
      <LiveView of={live}>{(page) => <DeadLetterPage page={page} search={search} />}</LiveView>
    </>
  );
}

interface DeadLetterPageProps {
  readonly page: PageOf<DeadLetterJson>;
  readonly search: DeadLetterSearch;
}

function DeadLetterPage({ page, search }: DeadLetterPageProps) {
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const list = useSteadyList(JSON.stringify(search), page.items, ({ id }) => id);
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
        shown={shownOf(list.items.length, page.total)}
        newest={
          search.cursor === undefined ? undefined : { to: "/dead-letters", search: { ...search, cursor: undefined } }
        }
        older={
          page.nextCursor === undefined
            ? undefined
            : { to: "/dead-letters", search: { ...search, cursor: page.nextCursor } }
        }
      />
    </>
  );
}

function shownOf(rows: number, total: number | undefined): string {
  return total === undefined
    ? pluralize(rows, "row")
    : `${pluralize(rows, "row")} of ${pluralize(total, "dead letter")}`;
}

/** useColumns gives the columns; an operator also gets one to choose rows with. */
function useColumns(chosen: ReadonlySet<string>, choose: (ids: ReadonlySet<string>) => void) {
  const connectors = useConnectors();
  const { canOperate } = usePermissions();
  return useMemo(
    () => [...(canOperate ? [choice(chosen, choose)] : []), ...columnsFor(connectors)],
    [canOperate, chosen, choose, connectors],
  );
}

function choice(chosen: ReadonlySet<string>, choose: (ids: ReadonlySet<string>) => void): Column<DeadLetterJson> {
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
    CONTACT_COLUMN,
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
    { id: "reason", title: "Why", cell: (deadLetter) => <Why of={deadLetter} /> },
    { id: "died", title: "Died", cell: ({ diedAt }) => <Instant at={diedAt} /> },
    { id: "attempts", title: "Attempts", isNumber: true, cell: ({ attempts }) => attempts.length },
    { id: "replays", title: "Replays", isNumber: true, cell: ({ replays }) => replays },
  ];
}

function Why({ of: { reason, attempts, mayHaveArrived } }: { readonly of: DeadLetterJson }) {
  const last = attempts.at(-1);
  return (
    <>
      {reason === undefined ? "dead" : reasonTitle(reason)}
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
  const change = useChange();
  if (isUnfiltered(search)) {
    return <Empty title="No dead letters">Every handoff that ended was delivered or taken back.</Empty>;
  }
  return <NoneMatches title="No dead letter matches" onClear={() => change(NO_FILTER)} />;
}
