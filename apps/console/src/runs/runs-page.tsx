/** Runs of replays and of discards, the newest first. */
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ListPage, Run, RunKind } from "../api/answer-types.ts";
import { NewRowsButton, useListWithPendingNewRows } from "../live/list-with-pending-changes.tsx";
import { LiveQueryView } from "../live/live-query-view.tsx";
import { useLiveQuery } from "../live/use-live-query.ts";
import { ButtonLink } from "../ui/button.tsx";
import { formatCount, pluralize } from "../ui/format-numbers-and-times.ts";
import { Instant } from "../ui/instant.tsx";
import { ListPager } from "../ui/list-pager.tsx";
import { EmptyState, MutedText, Page } from "../ui/page-layout.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { TabLink, Tabs } from "../ui/tabs.tsx";
import { RunStatusTag } from "../ui/tag.tsx";
import { DeadLetterFilterSummary } from "./dead-letter-filter-summary.tsx";
import { RunProgressBar } from "./run-progress-bar.tsx";

const route = getRouteApi("/runs");
/** Quick enough to see a run move. Milliseconds. */
const INTERVAL_MS = 3_000;
const PAGE_SIZE = 50;
const TABS: readonly (readonly [RunKind, string])[] = [
  ["replay", "Replays"],
  ["discard", "Discards"],
];

export function RunsPage() {
  const { kind = "replay", cursor } = route.useSearch();
  const live = useLiveQuery<ListPage<Run>>(`/admin/v1/${kind}s`, {
    query: { cursor, limit: PAGE_SIZE },
    intervalMs: INTERVAL_MS,
  });
  return (
    <Page title="Runs" sub="Many dead letters replayed or discarded by one decision." live={live}>
      <Tabs label="Kind of run">
        {TABS.map(([each, title]) => (
          <TabLink key={each} to="/runs" search={{ kind: each }} isOpen={each === kind}>
            {title}
          </TabLink>
        ))}
      </Tabs>
      <LiveQueryView of={live} key={`${kind} ${cursor}`}>
        {(page) => <RunList page={page} kind={kind} cursor={cursor} />}
      </LiveQueryView>
    </Page>
  );
}

interface RunListProps {
  readonly page: ListPage<Run>;
  readonly kind: RunKind;
  readonly cursor: string | undefined;
}

function RunList({ page, kind, cursor }: RunListProps) {
  const list = useListWithPendingNewRows(kind, page.items, ({ id }) => id);
  if (list.items.length === 0) {
    return (
      <EmptyState title={`No ${kind === "replay" ? "replays" : "discards"} yet`}>
        A run begins with a plan: choose dead letters by cause or filter.
        <ButtonLink to="/dead-letters">Dead letters</ButtonLink>
      </EmptyState>
    );
  }
  return (
    <>
      <NewRowsButton of={list} />
      <Table caption="Runs, the newest first" columns={COLUMNS} rows={list.items} rowId={({ id }) => id} />
      <ListPager
        shown={pluralize(list.items.length, "run")}
        to="/runs"
        search={{ kind, cursor }}
        nextCursor={page.nextCursor}
      />
    </>
  );
}

const PAUSES: Readonly<Record<NonNullable<Run["pausedBecause"]>, string>> = {
  operator: "by an operator",
  first: "the first ones have ended",
  dying: "too many died again",
};

/** RunStatusCell says of a run that is paused why, and of one that ended whether all went well. */
function RunStatusCell({ of: { status, pausedBecause, diedAgain } }: { readonly of: Run }) {
  const paused = status === "paused" ? PAUSES[pausedBecause ?? "operator"] : "";
  const died = status === "completed" && diedAgain > 0 ? `${formatCount(diedAgain)} died again` : "";
  return (
    <>
      <RunStatusTag status={status} /> <MutedText>{paused || died}</MutedText>
    </>
  );
}

/** MatchedCountLink leads to the run's page, which lists them. */
function MatchedCountLink({ of: { kind, id, matched } }: { readonly of: Run }) {
  return (
    <Link to="/runs/$kind/$id" params={{ kind, id }} aria-label={`${pluralize(matched, "dead letter")} of this run`}>
      {formatCount(matched)}
    </Link>
  );
}

const COLUMNS: readonly Column<Run>[] = [
  {
    id: "note",
    title: "Why",
    isName: true,
    cell: ({ id, kind, note, filter }) => (
      <>
        <Link to="/runs/$kind/$id" params={{ kind, id }}>
          {note || id}
        </Link>
        <div>
          <MutedText>
            <DeadLetterFilterSummary of={filter} />
          </MutedText>
        </div>
      </>
    ),
  },
  { id: "status", title: "Status", cell: (run) => <RunStatusCell of={run} /> },
  { id: "progress", title: "Progress", cell: (run) => <RunProgressBar run={run} /> },
  { id: "matched", title: "Dead letters", isNumber: true, cell: (run) => <MatchedCountLink of={run} /> },
  { id: "who", title: "Who", cell: ({ createdBy }) => createdBy },
  { id: "when", title: "Begun", cell: ({ createdAt }) => <Instant at={createdAt} /> },
];
