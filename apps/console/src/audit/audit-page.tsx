/** The audit: who did what, when, to which id, with which note. */
import { getRouteApi, Link, useNavigate } from "@tanstack/react-router";
import { CircleCheck, CircleHelp, CircleX } from "lucide-react";
import type { AuditEntryJson, Page as PageOf } from "../api/shapes.ts";
import { LiveView } from "../live/live-view.tsx";
import { NewRowsButton, useSteadyList } from "../live/steady-list.tsx";
import { useLive } from "../live/use-live.ts";
import type { auditSearch } from "../search-params.ts";
import { ClearFilters, FilterBar, InstantFilter, NoneMatches, TextFilter } from "../ui/filters.tsx";
import { pluralize } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { ListPager } from "../ui/list-pager.tsx";
import { Empty, Mono, Muted, Page } from "../ui/page.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { Tag } from "../ui/tag.tsx";

const route = getRouteApi("/audit");
const PAGE_SIZE = 50;

type Search = ReturnType<typeof auditSearch>;

export function AuditPage() {
  const search = route.useSearch();
  const live = useLive<PageOf<AuditEntryJson>>("/admin/v1/audit", { query: { ...search, limit: PAGE_SIZE } });
  return (
    <Page title="Audit" sub="Who did what, the newest first." live={live}>
      <Filters search={search} />
      <LiveView of={live} key={JSON.stringify(search)}>
        {(page) => <Entries page={page} search={search} />}
      </LiveView>
    </Page>
  );
}

const NO_FILTER = { actor: undefined, action: undefined, id: undefined, from: undefined, to: undefined } as const;

function useChange() {
  const navigate = useNavigate({ from: "/audit" });
  return (change: Partial<Search>) =>
    void navigate({ search: (before) => ({ ...before, ...change, cursor: undefined }) });
}

function isFiltered({ actor, action, id, from, to }: Search): boolean {
  return [actor, action, id, from, to].some((value) => value !== undefined);
}

function Filters({ search }: { readonly search: Search }) {
  const change = useChange();
  return (
    <FilterBar label="Filters of the audit">
      <InstantFilter label="From, UTC" value={search.from} onChange={(from) => change({ from })} />
      <InstantFilter label="Before, UTC" value={search.to} onChange={(to) => change({ to })} />
      <TextFilter label="Id it was done to" value={search.id} onChange={(id) => change({ id })} />
      <TextFilter label="Action" value={search.action} onChange={(action) => change({ action })} />
      <TextFilter label="Key's id of who did it" value={search.actor} onChange={(actor) => change({ actor })} />
      {isFiltered(search) && <ClearFilters onClear={() => change(NO_FILTER)} />}
    </FilterBar>
  );
}

interface EntriesProps {
  readonly page: PageOf<AuditEntryJson>;
  readonly search: Search;
}

function Entries({ page, search }: EntriesProps) {
  const change = useChange();
  const list = useSteadyList(JSON.stringify(search), page.items, ({ id }) => id);
  if (list.items.length === 0 && page.nextCursor === undefined) {
    return isFiltered(search) ? (
      <NoneMatches title="No entry matches" onClear={() => change(NO_FILTER)} />
    ) : (
      <Empty title="Nothing was done yet" />
    );
  }
  return (
    <>
      <NewRowsButton of={list} />
      <Table caption="Audit entries, the newest first" columns={COLUMNS} rows={list.items} rowId={({ id }) => id} />
      <ListPager
        shown={pluralize(list.items.length, "entry", "entries")}
        newest={search.cursor === undefined ? undefined : { to: "/audit", search: { ...search, cursor: undefined } }}
        older={
          page.nextCursor === undefined ? undefined : { to: "/audit", search: { ...search, cursor: page.nextCursor } }
        }
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
    cell: ({ targetId }) => targetId !== undefined && <Target id={targetId} />,
  },
  { id: "note", title: "Why, and what", isName: true, cell: (entry) => <Details of={entry} /> },
  { id: "outcome", title: "Outcome", cell: (entry) => <Outcome of={entry} /> },
];

function Target({ id }: { readonly id: string }) {
  return (
    <Link to="/audit" search={{ id }}>
      <Mono>{id}</Mono>
    </Link>
  );
}

function Details({ of: { note, members, about, problem } }: { readonly of: AuditEntryJson }) {
  const more = [...(members ?? []), ...Object.entries(about ?? {}).map(([name, value]) => `${name}: ${value}`)];
  return (
    <>
      {note}
      {(more.length > 0 || problem !== undefined) && (
        <div>
          <Muted>{[...more, ...(problem === undefined ? [] : [problem])].join(" · ")}</Muted>
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

function Outcome({ of: { outcome } }: { readonly of: AuditEntryJson }) {
  const [tone, icon] = OUTCOMES[outcome];
  return (
    <Tag tone={tone} icon={icon}>
      {outcome}
    </Tag>
  );
}
