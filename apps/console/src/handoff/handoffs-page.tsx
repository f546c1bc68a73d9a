/** Finding handoffs: by contact, shared id, idempotency key, connector, status, or what they wait for. */
import { HANDOFF_STATUSES, WAITING_FOR } from "@baton/domain";
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import type { HandoffJson, ListPage } from "../api/answer-types.ts";
import { ConnectorFilter } from "../connectors/connector-filter.tsx";
import { type Connectors, useConnectors } from "../connectors/use-connectors.ts";
import { NewRowsButton, useListWithPendingNewRows } from "../live/list-with-pending-changes.tsx";
import { LiveQueryView } from "../live/live-query-view.tsx";
import { useLiveQuery } from "../live/use-live-query.ts";
import type { readHandoffSearch } from "../page-search-params.ts";
import { useNow } from "../ui/baton-clock.ts";
import { formatUntilClause, pluralize } from "../ui/format-numbers-and-times.ts";
import { Instant } from "../ui/instant.tsx";
import { ChoiceFilter, ClearFiltersButton, FilterBar, NoneMatches, TextFilter } from "../ui/list-filters.tsx";
import { ListPager } from "../ui/list-pager.tsx";
import { EmptyState, MutedText, Page } from "../ui/page-layout.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { HandoffStatusTag } from "../ui/tag.tsx";
import { CONTACT_LINK_COLUMN } from "./contact-link-table-column.tsx";
import { shortWaitingReason } from "./waiting-reason.ts";

const route = getRouteApi("/handoffs");
const PAGE_SIZE = 50;

type HandoffSearch = ReturnType<typeof readHandoffSearch>;

export function HandoffsPage() {
  const search = route.useSearch();
  const live = useLiveQuery<ListPage<HandoffJson>>("/admin/v1/handoffs", { query: { ...search, limit: PAGE_SIZE } });
  return (
    <Page title="Handoffs" sub="The newest first." live={live}>
      <HandoffFilters search={search} />
      <LiveQueryView of={live} key={JSON.stringify(search)}>
        {(page) => <HandoffList page={page} search={search} />}
      </LiveQueryView>
    </Page>
  );
}

const NO_FILTER = {
  contactId: undefined,
  sharedId: undefined,
  idempotencyKey: undefined,
  connectorId: undefined,
  status: undefined,
  waitingFor: undefined,
} as const;

function useChangeHandoffFilters() {
  const navigate = useNavigate({ from: "/handoffs" });
  return (change: Partial<HandoffSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change, cursor: undefined }) });
}

function isFiltered({ cursor, ...filters }: HandoffSearch): boolean {
  return Object.values(filters).some((value) => value !== undefined);
}

function HandoffFilters({ search }: { readonly search: HandoffSearch }) {
  const change = useChangeHandoffFilters();
  return (
    <FilterBar label="Filters of the handoffs">
      <TextFilter
        label="Contact id"
        inputMode="numeric"
        value={search.contactId}
        onChange={(contactId) => change({ contactId })}
      />
      <TextFilter label="Shared id" value={search.sharedId} onChange={(sharedId) => change({ sharedId })} />
      <TextFilter
        label="Idempotency key"
        value={search.idempotencyKey}
        onChange={(idempotencyKey) => change({ idempotencyKey })}
      />
      <ConnectorFilter value={search.connectorId} onChange={(connectorId) => change({ connectorId })} />
      <ChoiceFilter
        label="Status"
        choices={HANDOFF_STATUSES}
        value={search.status}
        onChange={(status) => change({ status })}
      />
      <ChoiceFilter
        label="Waits for"
        choices={WAITING_FOR}
        value={search.waitingFor}
        onChange={(waitingFor) => change({ waitingFor })}
      />
      {isFiltered(search) && <ClearFiltersButton onClear={() => change(NO_FILTER)} />}
    </FilterBar>
  );
}

interface HandoffListProps {
  readonly page: ListPage<HandoffJson>;
  readonly search: HandoffSearch;
}

function HandoffList({ page, search }: HandoffListProps) {
  const list = useListWithPendingNewRows(JSON.stringify(search), page.items, ({ id }) => id);
  const connectors = useConnectors();
  const change = useChangeHandoffFilters();
  const columns = useMemo(() => columnsFor(connectors), [connectors]);
  if (list.items.length === 0 && page.nextCursor === undefined) {
    return isFiltered(search) ? (
      <NoneMatches title="No handoff matches" onClear={() => change(NO_FILTER)} />
    ) : (
      <EmptyState title="No handoffs yet">They come in with a connector's token: POST /v1/handoffs.</EmptyState>
    );
  }
  return (
    <>
      <NewRowsButton of={list} />
      <Table caption="Handoffs, the newest first" columns={columns} rows={list.items} rowId={({ id }) => id} />
      <ListPager
        shown={pluralize(list.items.length, "row")}
        to="/handoffs"
        search={search}
        nextCursor={page.nextCursor}
      />
    </>
  );
}

function columnsFor({ nameOf }: Connectors): readonly Column<HandoffJson>[] {
  return [
    CONTACT_LINK_COLUMN,
    { id: "connector", title: "Connector", isName: true, cell: ({ connectorId }) => nameOf(connectorId) },
    { id: "status", title: "Status", cell: (handoff) => <StatusCell of={handoff} /> },
    { id: "accepted", title: "Accepted", cell: ({ acceptedAt }) => <Instant at={acceptedAt} /> },
    { id: "deadline", title: "Deadline", cell: (handoff) => <DeadlineCell of={handoff} /> },
    { id: "attempts", title: "Attempts", isNumber: true, cell: ({ attempts }) => attempts.length },
  ];
}

/** DeadlineCell says of one that waits also how far away it is. */
function DeadlineCell({ of: { status, deadlineAt } }: { readonly of: HandoffJson }) {
  return <Instant at={deadlineAt} as={status === "queued" || status === "sending" ? "both" : "clock"} />;
}

function StatusCell({ of: { status, reason, waitingFor, nextAttemptAt } }: { readonly of: HandoffJson }) {
  const now = useNow();
  const isToCome = nextAttemptAt !== undefined && Date.parse(nextAttemptAt) > now;
  const until = isToCome ? formatUntilClause(nextAttemptAt, now) : "";
  return (
    <>
      <HandoffStatusTag status={status} />{" "}
      <MutedText>
        {status === "dead" && reason}
        {status === "queued" && waitingFor != null && `waits: ${shortWaitingReason(waitingFor)}${until}`}
      </MutedText>
    </>
  );
}
