/** Runs of replays and of discards, the newest first. */
import { getRouteApi, Link } from "@tanstack/react-router";
import type { Page as PageOf, Run, RunKind } from "../api/shapes.ts";
import { LiveView } from "../live/live-view.tsx";
import { NewRowsButton, useSteadyList } from "../live/steady-list.tsx";
import { useLive } from "../live/use-live.ts";
import { ButtonLink } from "../ui/button.tsx";
import { TabLink, Tabs } from "../ui/filters.tsx";
import { formatCount, pluralize } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { ListPager } from "../ui/list-pager.tsx";
import { Empty, Muted, Page } from "../ui/page.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { RunTag } from "../ui/tag.tsx";
import { FilterSummary } from "./filter-summary.tsx";
import { runsPath } from "./run-api-paths.ts";
import { RunBar } from "./run-bar.tsx";

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
  const live = useLive<PageOf<Run>>(runsPath(kind), { query: { cursor, limit: PAGE_SIZE }, intervalMs: INTERVAL_MS });
  return (
    <Page title="Runs" sub="Many dead letters replayed or discarded by one decision." live={live}>
      <Tabs label="Kind of run">
        {TABS.map(([each, title]) => (
          <TabLink key={each} to="/runs" search={{ kind: each }} isOpen={each === kind}>
            {title}
          </TabLink>
        ))}
      </Tabs>
      <LiveView of={live} key={`${kind} ${cursor}`}>
        {(page) => <RunList page={page} kind={kind} isFirst={cursor === undefined} />}
      </LiveView>
    </Page>
  );
}

interface RunListProps {
  readonly page: PageOf<Run>;
  readonly kind: RunKind;
  readonly isFirst: boolean;
}

function RunList({ page, kind, isFirst }: RunListProps) {
  const list = useSteadyList(kind, page.items, ({ id }) => id);
  if (list.items.length === 0) {
    return (
      <Empty title={`No ${kind === "replay" ? "replays" : "discards"} yet`}>
        A run begins with a plan: choose dead letters by cause or filter.
        <ButtonLink to="/dead-letters">Dead letters</ButtonLink>
      </Empty>
    );
  }
  return (
    <>
      <NewRowsButton of={list} />
      <Table caption="Runs, the newest first" columns={COLUMNS} rows={list.items} rowId={({ id }) => id} />
      <ListPager
        shown={pluralize(list.items.length, "run")}
        newest={isFirst ? undefined : { to: "/runs", search: { kind } }}
        older={page.nextCursor === undefined ? undefined : { to: "/runs", search: { kind, cursor: page.nextCursor } }}
      />
    </>
  );
}

const PAUSES: Readonly<Record<NonNullable<Run["pausedBecause"]>, string>> = {
  operator: "by an operator",
  first: "the first ones have ended",
  dying: "too many died again",
};

/** Status says of a run that is paused why, and of one that ended whether all went well. */
function Status({ of: { status, pausedBecause, diedAgain } }: { readonly of: Run }) {
  const paused = status === "paused" ? PAUSES[pausedBecause ?? "operator"] : "";
  const died = status === "completed" && diedAgain > 0 ? `${formatCount(diedAgain)} died again` : "";
  return (
    <>
      <RunTag status={status} /> <Muted>{paused || died}</Muted>
    </>
  );
}

/** Matched leads to the run's page, which lists them. */
function Matched({ of: { kind, id, matched } }: { readonly of: Run }) {
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
          <Muted>
            <FilterSummary of={filter} />
          </Muted>
        </div>
      </>
    ),
  },
  { id: "status", title: "Status", cell: (run) => <Status of={run} /> },
  { id: "progress", title: "Progress", cell: (run) => <RunBar run={run} /> },
  { id: "matched", title: "Dead letters", isNumber: true, cell: (run) => <Matched of={run} /> },
  { id: "who", title: "Who", cell: ({ createdBy }) => createdBy },
  { id: "when", title: "Begun", cell: ({ createdAt }) => <Instant at={createdAt} /> },
];
