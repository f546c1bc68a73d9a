/** The audit: who did what, when, to which id, with which note. */
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { CircleCheck, CircleHelp, CircleX } from "lucide-react";
import type { AuditEntryJson, ListPage } from "../api/answer-types.ts";
import { NewRowsButton, useListWithPendingNewRows } from "../live/list-with-pending-changes.tsx";
import { LiveQueryView } from "../live/live-query-view.tsx";
import { useLiveQuery } from "../live/use-live-query.ts";
import type { readAuditSearch } from "../page-search-params.ts";
import { pluralize } from "../ui/format-numbers-and-times.ts";
import { Instant } from "../ui/instant.tsx";
import { ClearFiltersButton, FilterBar, InstantFilter, NoneMatches, TextFilter } from "../ui/list-filters.tsx";
import { ListPager } from "../ui/list-pager.tsx";
import { EmptyState, MonoText, MutedText, Page } from "../ui/page-layout.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { Tag } from "../ui/tag.tsx";

const route = getRouteApi("/audit");
const PAGE_SIZE = 50;

type AuditSearch = ReturnType<typeof readAuditSearch>;

export function AuditPage() {
  const search = route.useSearch();
  const live = useLiveQuery<ListPage<AuditEntryJson>>("/admin/v1/audit", { query: { ...search, limit: PAGE_SIZE } });
  return (
    <Page title="Audit" sub="Who did what, the newest first." live={live}>
      <AuditFilters search={search} />
      <LiveQueryView of={live} key={JSON.stringify(search)}>
        {(page) => <AuditEntryList page={page} search={search} />}
      </LiveQueryView>
    </Page>
  );
}

const NO_FILTER = { actor: undefined, action: undefined, id: undefined, from: undefined, to: undefined } as const;

function useChangeAuditFilters() {
  const navigate = useNavigate({ from: "/audit" });
  return (change: Partial<AuditSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change, cursor: undefined }) });
}

function isFiltered({ actor, action, id, from, to }: AuditSearch): boolean {
  return [actor, action, id, from, to].some((value) => value !== undefined);
}

function AuditFilters({ search }: { readonly search: AuditSearch }) {
  const change = useChangeAuditFilters();
  return (
    <FilterBar label="Filters of the audit">
      <InstantFilter label="From, UTC" value={search.from} onChange={(from) => change({ from })} />
      <InstantFilter label="Before, UTC" value={search.to} onChange={(to) => change({ to })} />
      <TextFilter label="Id it was done to" value={search.id} onChange={(id) => change({ id })} />
      <TextFilter label="Action" value={search.action} onChange={(action) => change({ action })} />
      <TextFilter label="Key's id of who did it" value={search.actor} onChange={(actor) => change({ actor })} />
      {isFiltered(search) && <ClearFiltersButton onClear={() => change(NO_FILTER)} />}
    </FilterBar>
  );
}

interface AuditEntryListProps {
  readonly page: ListPage<AuditEntryJson>;
  readonly search: AuditSearch;
}

function AuditEntryList({ page, search }: AuditEntryListProps) {
  const change = useChangeAuditFilters();
  const list = useListWithPendingNewRows(JSON.stringify(search), page.items, ({ id }) => id);
  if (list.items.length === 0 && page.nextCursor === undefined) {
    return isFiltered(search) ? (
      <NoneMatches title="No entry matches" onClear={() => change(NO_FILTER)} />
    ) : (
      <EmptyState title="Nothing was done yet" />
    );
  }
  return (
    <>
      <NewRowsButton of={list} />
      <Table caption="Audit entries, the newest first" columns={COLUMNS} rows={list.items} rowId={({ id }) => id} />
      <ListPager
        shown={pluralize(list.items.length, "entry", "entries")}
        to="/audit"
        search={search}
        nextCursor={page.nextCursor}
      />
    </>
  );
}

const COLUMNS: readonly Column<AuditEntryJson>[] = [
  { id: "at", title: "When", cell: ({ at, firstAt = at }) => <Instant at={firstAt} /> },
  {
    id: "actor",
    title: "Who",
    cell: ({ actor }) => (
      <Link to="/audit" search={{ actor: actor.id }}>
        {actor.name}
      </Link>
    ),
  },
  {
    id: "action",
    title: "What",
    cell: ({ action, count = 1, lastAt }) => (
      <>
        <Link to="/audit" search={{ action }}>
          {action}
        </Link>
        {count > 1 && ` × ${count}`}
        {count > 1 && lastAt !== undefined && (
          <>
            , the last <Instant at={lastAt} />
          </>
        )}
      </>
    ),
  },
  {
    id: "target",
    title: "To",
    isName: true,
    cell: ({ targetId }) => targetId !== undefined && <TargetLink id={targetId} />,
  },
  { id: "note", title: "Why, and what", isName: true, cell: (entry) => <NoteAndDetails of={entry} /> },
  { id: "outcome", title: "Outcome", cell: (entry) => <OutcomeTag of={entry} /> },
];

function TargetLink({ id }: { readonly id: string }) {
  return (
    <Link to="/audit" search={{ id }}>
      <MonoText>{id}</MonoText>
    </Link>
  );
}

function NoteAndDetails({ of: { note, members, about, problem } }: { readonly of: AuditEntryJson }) {
  const more = [...(members ?? []), ...Object.entries(about ?? {}).map(([name, value]) => `${name}: ${value}`)];
  return (
    <>
      {note}
      {(more.length > 0 || problem !== undefined) && (
        <div>
          <MutedText>{[...more, ...(problem === undefined ? [] : [problem])].join(" · ")}</MutedText>
        </div>
      )}
    </>
  );
}

const OUTCOMES = {
  done: ["good", CircleCheck],
  refused: ["warn", CircleX],
  unknown: ["bad", CircleHelp],
} as const;

function OutcomeTag({ of: { outcome } }: { readonly of: AuditEntryJson }) {
  const [tone, icon] = OUTCOMES[outcome];
  return (
    <Tag tone={tone} icon={icon}>
      {outcome}
    </Tag>
  );
}
