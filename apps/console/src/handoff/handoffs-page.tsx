/** Finding handoffs: by contact, shared id, idempotency key, connector, status, or what they wait for. */
import { getRouteApi, useNavigate } from "@tanstack/react-router";
import { useMemo } from "react";
import type { HandoffJson, Page as PageOf } from "../api/shapes.ts";
import { type Connectors, useConnectors } from "../connectors/use-connectors.ts";
import { ConnectorFilter } from "../dead-letters/dead-letter-filters.tsx";
import { LiveView } from "../live/live-view.tsx";
import { NewRowsButton, useSteadyList } from "../live/steady-list.tsx";
import { useLive } from "../live/use-live.ts";
import { type handoffSearch, STATUSES, WAITING_FOR } from "../search-params.ts";
import { useNow } from "../ui/clock.ts";
import { ChoiceFilter, ClearFilters, FilterBar, NoneMatches, TextFilter } from "../ui/filters.tsx";
import { formatUntil, pluralize } from "../ui/format.ts";
import { Instant } from "../ui/instant.tsx";
import { ListPager } from "../ui/list-pager.tsx";
import { Empty, Muted, Page } from "../ui/page.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { StatusTag } from "../ui/tag.tsx";
import { CONTACT_COLUMN } from "./contact-column.tsx";
import { shortWait } from "./waiting.ts";

const route = getRouteApi("/handoffs");
const PAGE_SIZE = 50;

type Search = ReturnType<typeof handoffSearch>;

export function HandoffsPage() {
  const search = route.useSearch();
  const live = useLive<PageOf<HandoffJson>>("/admin/v1/handoffs", { query: { ...search, limit: PAGE_SIZE } });
  return (
    <Page title="Handoffs" sub="The newest first." live={live}>
      <Filters search={search} />
      <LiveView of={live} key={JSON.stringify(search)}>
        {(page) => <HandoffList page={page} search={search} />}
      </LiveView>
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

function useChange() {
  const navigate = useNavigate({ from: "/handoffs" });
  return (change: Partial<Search>) =>
    void navigate({ search: (before) => ({ ...before, ...change, cursor: undefined }) });
}

function isFiltered({ cursor, ...filters }: Search): boolean {
  return Object.values(filters).some((value) => value !== undefined);
}

function Filters({ search }: { readonly search: Search }) {
  const change = useChange();
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
      <ChoiceFilter label="Status" choices={STATUSES} value={search.status} onChange={(status) => change({ status })} />
      <ChoiceFilter
        label="Waits for"
        choices={WAITING_FOR}
        value={search.waitingFor}
        onChange={(waitingFor) => change({ waitingFor })}
      />
      {isFiltered(search) && <ClearFilters onClear={() => change(NO_FILTER)} />}
    </FilterBar>
  );
}

interface HandoffListProps {
  readonly page: PageOf<HandoffJson>;
  readonly search: Search;
}

function HandoffList({ page, search }: HandoffListProps) {
  const list = useSteadyList(JSON.stringify(search), page.items, ({ id }) => id);
  const connectors = useConnectors();
  const change = useChange();
  const columns = useMemo(() => columnsFor(connectors), [connectors]);
  if (list.items.length === 0 && page.nextCursor === undefined) {
    return isFiltered(search) ? (
      <NoneMatches title="No handoff matches" onClear={() => change(NO_FILTER)} />
    ) : (
      <Empty title="No handoffs yet">They come in with a connector's token: POST /v1/handoffs.</Empty>
    );
  }
  return (
    <>
      <NewRowsButton of={list} />
      <Table caption="Handoffs, the newest first" columns={columns} rows={list.items} rowId={({ id }) => id} />
      <ListPager
        shown={pluralize(list.items.length, "row")}
        newest={search.cursor === undefined ? undefined : { to: "/handoffs", search: { ...search, cursor: undefined } }}
        older={
          page.nextCursor === undefined
            ? undefined
            : { to: "/handoffs", search: { ...search, cursor: page.nextCursor } }
        }
      />
    </>
  );
}

function columnsFor({ nameOf }: Connectors): readonly Column<HandoffJson>[] {
  return [
    CONTACT_COLUMN,
    { id: "connector", title: "Connector", isName: true, cell: ({ connectorId }) => nameOf(connectorId) },
    { id: "status", title: "Status", cell: (handoff) => <Status of={handoff} /> },
    { id: "accepted", title: "Accepted", cell: ({ acceptedAt }) => <Instant at={acceptedAt} /> },
    { id: "deadline", title: "Deadline", cell: (handoff) => <Deadline of={handoff} /> },
    { id: "attempts", title: "Attempts", isNumber: true, cell: ({ attempts }) => attempts.length },
  ];
}

/** Deadline says of one that waits also how far away it is. */
function Deadline({ of: { status, deadlineAt } }: { readonly of: HandoffJson }) {
  return <Instant at={deadlineAt} as={status === "queued" || status === "sending" ? "both" : "clock"} />;
}

function Status({ of: { status, reason, waitingFor, nextAttemptAt } }: { readonly of: HandoffJson }) {
  const now = useNow();
  const isToCome = nextAttemptAt !== undefined && Date.parse(nextAttemptAt) > now;
  const until = isToCome ? formatUntil(nextAttemptAt, now) : "";
  return (
    <>
      <StatusTag status={status} />{" "}
      <Muted>
        {status === "dead" && reason}
        {status === "queued" && waitingFor != null && `waits: ${shortWait(waitingFor)}${until}`}
      </Muted>
    </>
  );
}
