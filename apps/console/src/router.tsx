/** Every page and its address; what an address may hold is read by a schema that drops what it cannot use. */
import {
  createRootRouteWithContext,
  createRoute,
  createRouter,
  type SearchParser,
  type SearchSerializer,
} from "@tanstack/react-router";
import { Loading, TroubleNotice } from "./live/live-view.tsx";
import { OverviewPage } from "./overview/overview-page.tsx";
import {
  auditSearch,
  connectorListSearch,
  connectorSearch,
  deadLetterSearch,
  handoffSearch,
  overviewSearch,
  runItemSearch,
  runListSearch,
} from "./search-params.ts";
import { RequireSession } from "./shell/require-session.tsx";
import { lazyPage } from "./ui/lazy-part.tsx";
import { Empty, Page } from "./ui/page.tsx";

interface Context {
  readonly code: string | undefined;
}

const root = createRootRouteWithContext<Context>()({
  component: function Root() {
    return <RequireSession code={root.useRouteContext().code} />;
  },
  notFoundComponent: () => (
    <Page title="There is no such page">
      <Empty title="The address leads nowhere" />
    </Page>
  ),
});

const page = { getParentRoute: () => root } as const;

const routes = [
  createRoute({ ...page, path: "/", validateSearch: overviewSearch, component: OverviewPage }),
  createRoute({
    ...page,
    path: "/dead-letters",
    validateSearch: deadLetterSearch,
    component: lazyPage(
      "Dead letters",
      async () => (await import("./dead-letters/dead-letters-page.tsx")).DeadLettersPage,
    ),
  }),
  createRoute({
    ...page,
    path: "/dead-letters/replay",
    validateSearch: deadLetterSearch,
    component: lazyPage(
      "Replay dead letters",
      async () => (await import("./runs/replay-plan-page.tsx")).ReplayPlanPage,
    ),
  }),
  createRoute({
    ...page,
    path: "/dead-letters/discard",
    validateSearch: deadLetterSearch,
    component: lazyPage(
      "Discard dead letters",
      async () => (await import("./runs/discard-plan-page.tsx")).DiscardPlanPage,
    ),
  }),
  createRoute({
    ...page,
    path: "/handoffs",
    validateSearch: handoffSearch,
    component: lazyPage("Handoffs", async () => (await import("./handoff/handoffs-page.tsx")).HandoffsPage),
  }),
  createRoute({
    ...page,
    path: "/handoffs/$id",
    component: lazyPage("Handoff", async () => (await import("./handoff/handoff-page.tsx")).HandoffPage),
  }),
  createRoute({
    ...page,
    path: "/runs",
    validateSearch: runListSearch,
    component: lazyPage("Runs", async () => (await import("./runs/runs-page.tsx")).RunsPage),
  }),
  createRoute({
    ...page,
    path: "/runs/$kind/$id",
    validateSearch: runItemSearch,
    component: lazyPage("Run", async () => (await import("./runs/run-page.tsx")).RunPage),
  }),
  createRoute({
    ...page,
    path: "/connectors",
    validateSearch: connectorListSearch,
    component: lazyPage("Connectors", async () => (await import("./connectors/connectors-page.tsx")).ConnectorsPage),
  }),
  createRoute({
    ...page,
    path: "/connectors/new",
    component: lazyPage(
      "New connector",
      async () => (await import("./connectors/new-connector-page.tsx")).NewConnectorPage,
    ),
  }),
  createRoute({
    ...page,
    path: "/connectors/$id",
    validateSearch: connectorSearch,
    component: lazyPage("Connector", async () => (await import("./connectors/connector-page.tsx")).ConnectorPage),
  }),
  createRoute({
    ...page,
    path: "/audit",
    validateSearch: auditSearch,
    component: lazyPage("Audit", async () => (await import("./audit/audit-page.tsx")).AuditPage),
  }),
  createRoute({
    ...page,
    path: "/keys",
    component: lazyPage("Keys", async () => (await import("./keys/keys-page.tsx")).KeysPage),
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
    defaultPendingComponent: Loading,
    defaultErrorComponent: ({ error }) => <TroubleNotice error={error} />,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createConsoleRouter>;
  }
}
