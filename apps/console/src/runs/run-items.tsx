/** What became of each dead letter of a run, by result. */
import { ITEM_RESULTS, SKIP_REASONS } from "@baton/domain";
import { getRouteApi, Link, type LinkProps, useNavigate } from "@tanstack/react-router";
import type { ListPage, RunItem, RunKind } from "../api/answer-types.ts";
import { NewRowsButton, useListWithPendingChanges } from "../live/list-with-pending-changes.tsx";
import { LiveQueryView } from "../live/live-query-view.tsx";
import { OVERVIEW_INTERVAL_MS, useLiveQuery } from "../live/use-live-query.ts";
import { ButtonLink } from "../ui/button.tsx";
import { pluralize } from "../ui/format-numbers-and-times.ts";
import { Instant } from "../ui/instant.tsx";
import { ChoiceFilter, FilterBar } from "../ui/list-filters.tsx";
import { EmptyState, ListFooter, MonoText, MutedText, Panel } from "../ui/page-layout.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { RunItemResultTag } from "../ui/tag.tsx";

const route = getRouteApi("/runs/$kind/$id");
const PAGE_SIZE = 50;

interface RunItemsProps {
  /** Where the API has the run. */
  readonly path: string;
  readonly kind: RunKind;
  readonly id: string;
}

export function RunItems({ path, kind, id }: RunItemsProps) {
  const { result, because, cursor } = route.useSearch();
  const navigate = useNavigate({ from: "/runs/$kind/$id" });
  const live = useLiveQuery<ListPage<RunItem>>(`${path}/items`, {
    query: { result, because, cursor, limit: PAGE_SIZE },
    intervalMs: OVERVIEW_INTERVAL_MS,
    keepsPrevious: true,
  });
  const choose = (search: { result?: typeof result; because?: typeof because }) =>
    void navigate({ search, resetScroll: false });
  const older = (next: string) =>
    ({ to: "/runs/$kind/$id", params: { kind, id }, search: { result, because, cursor: next } }) as const;
  return (
    <Panel title="Each of them">
      <FilterBar label="Filter of the run's dead letters">
        <ChoiceFilter
          label="Result"
          choices={ITEM_RESULTS}
          value={because === undefined ? result : "skipped"}
          onChange={(chosen) => choose({ result: chosen })}
        />
        {(because !== undefined || result === "skipped") && (
          <ChoiceFilter
            label="Because"
            choices={SKIP_REASONS}
            value={because}
            onChange={(chosen) => choose({ result: "skipped", because: chosen })}
          />
        )}
      </FilterBar>
      <LiveQueryView of={live}>
        {({ items, nextCursor }) =>
          items.length === 0 && nextCursor === undefined ? (
            <EmptyState title="None" />
          ) : (
            <ItemTable
              items={items}
              listKey={JSON.stringify([result, because, cursor, live.result.isPlaceholderData])}
              more={nextCursor === undefined ? undefined : older(nextCursor)}
            />
          )
        }
      </LiveQueryView>
    </Panel>
  );
}

interface ItemTableProps {
  readonly items: readonly RunItem[];
  /** Another one for each list: what another address showed is another list, also while it stays. */
  readonly listKey: string;
  /** Where the next page is; undefined on the last. */
  readonly more: LinkProps | undefined;
}

const idOf = ({ handoffId }: RunItem) => handoffId;

function ItemTable({ items, listKey, more }: ItemTableProps) {
  const list = useListWithPendingChanges(listKey, items, idOf);
  return (
    <>
      <NewRowsButton of={list} />
      <Table caption="Dead letters of this run" columns={COLUMNS} rows={list.items} rowId={idOf} />
      <ListFooter>
        <MutedText>{pluralize(list.items.length, "row")}</MutedText>
        {more !== undefined && <ButtonLink {...more}>More</ButtonLink>}
      </ListFooter>
    </>
  );
}

const COLUMNS: readonly Column<RunItem>[] = [
  {
    id: "handoff",
    title: "Handoff",
    cell: ({ handoffId }) => (
      <Link to="/handoffs/$id" params={{ id: handoffId }}>
        <MonoText>{handoffId}</MonoText>
      </Link>
    ),
  },
  { id: "result", title: "Result", cell: ({ result }) => <RunItemResultTag result={result} /> },
  { id: "because", title: "Because", cell: ({ because }) => because?.replaceAll("-", " ") ?? "" },
  { id: "at", title: "At", cell: ({ at }) => <Instant at={at} /> },
];
