/** All connectors: whose calls go where, and whether they do. */
import { getRouteApi, Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useMemo } from "react";
import type { ConnectorFigures, ConnectorJson, ListPage, Overview } from "../api/answer-types.ts";
import { LiveQueryView } from "../live/live-query-view.tsx";
import { useLiveQuery } from "../live/use-live-query.ts";
import { buildDeadLetterCountLink, buildQueuedCountLink } from "../overview/connector-count-links.ts";
import { ConnectorStateTag } from "../overview/connectors-table.tsx";
import { usePermissions } from "../session/session-and-permissions.ts";
import { ButtonLink } from "../ui/button.tsx";
import { pluralize } from "../ui/format-numbers-and-times.ts";
import { ListPager } from "../ui/list-pager.tsx";
import { EmptyState, Page } from "../ui/page-layout.tsx";
import { type Column, Table } from "../ui/table.tsx";
import { TextOrLinkView } from "../ui/text-or-link-view.tsx";

const MAX_CONNECTORS = 200;
const INTERVAL_MS = 5_000;
const PAGER_WORDS = { newest: "First page", older: "More connectors" } as const;

const route = getRouteApi("/connectors");

export function ConnectorsPage() {
  const search = route.useSearch();
  const live = useLiveQuery<ListPage<ConnectorJson>>("/admin/v1/connectors", {
    query: { ...search, limit: MAX_CONNECTORS },
  });
  const overview = useLiveQuery<Overview>("/admin/v1/overview", { intervalMs: INTERVAL_MS });
  const figures = overview.result.data?.connectors;
  const columns = useMemo(() => columnsFor(new Map(figures?.map((each) => [each.id, each]))), [figures]);
  return (
    <Page
      title="Connectors"
      sub="Each binds one PolyAI project to one CXone business unit."
      live={live}
      actions={<NewConnectorLink />}
    >
      <LiveQueryView of={live}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <NoConnectors />
          ) : (
            <>
              <Table caption="Connectors" columns={columns} rows={items} rowId={({ id }) => id} />
              <ListPager
                shown={pluralize(items.length, "connector")}
                to="/connectors"
                search={search}
                nextCursor={nextCursor}
                words={PAGER_WORDS}
              />
            </>
          )
        }
      </LiveQueryView>
    </Page>
  );
}

function NewConnectorLink() {
  const { canAdminister } = usePermissions();
  if (!canAdminister) return null;
  return (
    <ButtonLink look="primary" to="/connectors/new">
      <Plus size={16} aria-hidden />
      New connector
    </ButtonLink>
  );
}

function NoConnectors() {
  const { canAdminister } = usePermissions();
  return (
    <EmptyState title="No connector yet">
      {canAdminister ? (
        <ButtonLink look="primary" to="/connectors/new">
          Set up the first connector
        </ButtonLink>
      ) : (
        "It takes the role admin to set one up."
      )}
    </EmptyState>
  );
}

function columnsFor(figures: ReadonlyMap<string, ConnectorFigures>): readonly Column<ConnectorJson>[] {
  return [
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
    { id: "project", title: "Project", cell: (each) => `${each.accountId} / ${each.projectId} / ${each.environment}` },
    { id: "unit", title: "Business unit", cell: ({ businessUnit }) => businessUnit ?? "–" },
    {
      id: "state",
      title: "State",
      cell: ({ id, enabled }) => <ConnectorStateCell enabled={enabled} figures={figures.get(id)} />,
    },
    {
      id: "rate",
      title: "Rate",
      cell: ({ delivery: { rate } }) => (rate === null ? "no limit" : `${rate.perSecond} a second`),
    },
    {
      id: "queued",
      title: "Queued",
      isNumber: true,
      cell: ({ id }) => <TextOrLinkView of={buildQueuedCountLink(figures.get(id))} />,
    },
    {
      id: "dead",
      title: "Dead letters",
      isNumber: true,
      cell: ({ id }) => <TextOrLinkView of={buildDeadLetterCountLink(figures.get(id))} />,
    },
  ];
}

interface ConnectorStateCellProps {
  readonly enabled: boolean;
  readonly figures: ConnectorFigures | undefined;
}

function ConnectorStateCell({ enabled, figures }: ConnectorStateCellProps) {
  if (!enabled) return "disabled: its handoffs are refused";
  return figures === undefined ? "–" : <ConnectorStateTag of={figures} />;
}
