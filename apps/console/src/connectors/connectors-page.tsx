/** All connectors: whose calls go where, and whether they do. */
import { getRouteApi, Link } from "@tanstack/react-router";
import { Plus } from "lucide-react";
import { useMemo } from "react";
import type { ConnectorFigures, ConnectorJson, Overview, Page as PageOf } from "../api/shapes.ts";
import { LiveView } from "../live/live-view.tsx";
import { useLive } from "../live/use-live.ts";
import { deadLettersPart, queuedPart } from "../overview/connector-counts.ts";
import { ConnectorState } from "../overview/connectors-table.tsx";
import { PartView } from "../overview/part-view.tsx";
import { usePermissions } from "../session/session.ts";
import { ButtonLink } from "../ui/button.tsx";
import { pluralize } from "../ui/format.ts";
import { ListPager } from "../ui/list-pager.tsx";
import { Empty, Page } from "../ui/page.tsx";
import { type Column, Table } from "../ui/table.tsx";

const MAX_CONNECTORS = 200;
const INTERVAL_MS = 5_000;

const route = getRouteApi("/connectors");

export function ConnectorsPage() {
  const { cursor } = route.useSearch();
  const live = useLive<PageOf<ConnectorJson>>("/admin/v1/connectors", { query: { cursor, limit: MAX_CONNECTORS } });
  const overview = useLive<Overview>("/admin/v1/overview", { intervalMs: INTERVAL_MS });
  const figures = overview.result.data?.connectors;
  const columns = useMemo(() => columnsFor(new Map(figures?.map((each) => [each.id, each]))), [figures]);
  return (
    <Page
      title="Connectors"
      sub="Each binds one PolyAI project to one CXone business unit."
      live={live}
      actions={<NewConnectorLink />}
    >
      <LiveView of={live}>
        {({ items, nextCursor }) =>
          items.length === 0 ? (
            <NoConnectors />
          ) : (
            <>
              <Table caption="Connectors" columns={columns} rows={items} rowId={({ id }) => id} />
              <ConnectorPager shown={items.length} cursor={cursor} nextCursor={nextCursor} />
            </>
          )
        }
      </LiveView>
    </Page>
  );
}

interface ConnectorPagerProps {
  /** How many rows. */
  readonly shown: number;
  readonly cursor: string | undefined;
  readonly nextCursor: string | undefined;
}

const PAGER_WORDS = { newest: "First page", older: "More connectors" } as const;

function ConnectorPager({ shown, cursor, nextCursor }: ConnectorPagerProps) {
  return (
    <ListPager
      shown={pluralize(shown, "connector")}
      newest={cursor === undefined ? undefined : { to: "/connectors", search: {} }}
      older={nextCursor === undefined ? undefined : { to: "/connectors", search: { cursor: nextCursor } }}
      words={PAGER_WORDS}
    />
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
    <Empty title="No connector yet">
      {canAdminister ? (
        <ButtonLink look="primary" to="/connectors/new">
          Set up the first connector
        </ButtonLink>
      ) : (
        "It takes the role admin to set one up."
      )}
    </Empty>
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
      cell: ({ id, enabled }) => <State enabled={enabled} figures={figures.get(id)} />,
    },
    {
      id: "rate",
      title: "Rate",
      cell: ({ delivery: { rate } }) => (rate === null ? "no limit" : `${rate.perSecond} a second`),
    },
    { id: "queued", title: "Queued", isNumber: true, cell: ({ id }) => <PartView of={queuedPart(figures.get(id))} /> },
    {
      id: "dead",
      title: "Dead letters",
      isNumber: true,
      cell: ({ id }) => <PartView of={deadLettersPart(figures.get(id))} />,
    },
  ];
}

interface StateProps {
  readonly enabled: boolean;
  readonly figures: ConnectorFigures | undefined;
}

function State({ enabled, figures }: StateProps) {
  if (!enabled) return "disabled: its handoffs are refused";
  return figures === undefined ? "–" : <ConnectorState of={figures} />;
}
