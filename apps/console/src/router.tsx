/** Every page and its address; what an address may hold is read by a schema that drops what it cannot use. */
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  type SearchParser,
  type SearchSerializer,
} from "@tanstack/react-router";
import { RequestErrorNotice } from "./live/request-error-notice.tsx";
import { OverviewPage } from "./overview/overview-page.tsx";
import {
  readAuditSearch,
  readConnectorListSearch,
  readConnectorSearch,
  readDeadLetterSearch,
  readHandoffSearch,
  readOverviewSearch,
  readRunItemSearch,
  readRunListSearch,
} from "./page-search-params.ts";
import { RequireSession } from "./shell/require-session.tsx";
import { createLazyPage } from "./ui/lazy-component.tsx";
import { LoadingPlaceholder } from "./ui/loading-placeholder.tsx";
import { EmptyState, Page } from "./ui/page-layout.tsx";

interface Context {
  readonly code: string | undefined;
}

const root = createRootRouteWithContext<Context>()({
  component: function Root() {
    return <RequireSession code={root.useRouteContext().code} />;
  },
  notFoundComponent: () => (
    <Page title="There is no such page">
      <EmptyState title="The address leads nowhere" />
    </Page>
  ),
});

const page = { getParentRoute: () => root } as const;

const routes = [
  createRoute({ ...page, path: "/", validateSearch: readOverviewSearch, component: OverviewPage }),
  createRoute({
    ...page,
    path: "/dead-letters",
    validateSearch: readDeadLetterSearch,
    component: createLazyPage(
      "Dead letters",
      async () => (await import("./dead-letters/dead-letters-page.tsx")).DeadLettersPage,
    ),
  }),
  createRoute({
    ...page,
    path: "/dead-letters/replay",
    validateSearch: readDeadLetterSearch,
    component: createLazyPage(
      "Replay dead letters",
      async () => (await import("./runs/replay-plan-page.tsx")).ReplayPlanPage,
    ),
  }),
  createRoute({
    ...page,
    path: "/dead-letters/discard",
    validateSearch: readDeadLetterSearch,
    component: createLazyPage(
      "Discard dead letters",
      async () => (await import("./runs/discard-plan-page.tsx")).DiscardPlanPage,
    ),
  }),
  createRoute({
    ...page,
    path: "/handoffs",
    validateSearch: readHandoffSearch,
    component: createLazyPage("Handoffs", async () => (await import("./handoff/handoffs-page.tsx")).HandoffsPage),
  }),
  createRoute({
    ...page,
    path: "/handoffs/$id",
    component: createLazyPage("Handoff", async () => (await import("./handoff/handoff-page.tsx")).HandoffPage),
  }),
  createRoute({
    ...page,
    path: "/runs",
    validateSearch: readRunListSearch,
    component: createLazyPage("Runs", async () => (await import("./runs/runs-page.tsx")).RunsPage),
  }),
  createRoute({
    ...page,
    path: "/runs/$kind/$id",
    validateSearch: readRunItemSearch,
    component: createLazyPage("Run", async () => (await import("./runs/run-page.tsx")).RunPage),
  }),
  createRoute({
    ...page,
    path: "/connectors",
    validateSearch: readConnectorListSearch,
    component: createLazyPage(
      "Connectors",
      async () => (await import("./connectors/connectors-page.tsx")).ConnectorsPage,
    ),
  }),
  createRoute({
    ...page,
    path: "/connectors/new",
    component: createLazyPage(
      "New connector",
      async () => (await import("./connectors/new-connector-page.tsx")).NewConnectorPage,
    ),
  }),
  createRoute({
    ...page,
    path: "/connectors/$id",
    validateSearch: readConnectorSearch,
    component: createLazyPage("Connector", async () => (await import("./connectors/connector-page.tsx")).ConnectorPage),
  }),
  createRoute({
    ...page,
    path: "/audit",
    validateSearch: readAuditSearch,
    component: createLazyPage("Audit", async () => (await import("./audit/audit-page.tsx")).AuditPage),
  }),
  createRoute({
    ...page,
    path: "/keys",
    component: createLazyPage("Keys", async () => (await import("./admin-keys/admin-keys-page.tsx")).AdminKeysPage),
  }),
] as const;

/** Texts as they are: a contact's id has up to 19 digits, more than a number holds. */
const parseSearch: SearchParser = (search) => Object.fromEntries(new URLSearchParams(search));

const stringifySearch: SearchSerializer = (search) => {
  const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
  const text = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
  return text === "" ? "" : `?${text}`;
};

export function createConsoleRouter(context: Context) {
  return createRouter({
    routeTree: root.addChildren(routes),
    context,
    parseSearch,
    stringifySearch,
    scrollRestoration: true,
    defaultPendingComponent: LoadingPlaceholder,
    defaultErrorComponent: ({ error }) => <RequestErrorNotice error={error} />,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
