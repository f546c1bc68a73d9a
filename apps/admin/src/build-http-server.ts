/** Admin's HTTP API, documented at its `/docs`. */
import { problemSchema, SESSION_COOKIE, validationIssues } from "@baton/api";
import {
  addHealthRoutes,
  addOpenApiRoutes,
  createHttpServer,
  HEALTH_TAG,
  type HealthOptions,
  type HttpServer,
  type HttpServerOptions,
} from "@baton/runtime";
import cookies from "@fastify/cookie";
import type { AdminKeyUseCases } from "./admin-key-use-cases.ts";
import type { ConnectorTokenUseCases } from "./connector-token-use-cases.ts";
import { addConsoleRoutes } from "./console-file-routes.ts";
import type { HandoffUseCases } from "./handoff-use-cases.ts";
import { type GuardDeps, guardAndAuditRoutes } from "./route-guard.ts";
import { addAdminKeyRoutes } from "./routes/admin-keys.ts";
import { type AuditRoutes, addAuditRoutes } from "./routes/audit.ts";
import { addConnectorTokenRoutes } from "./routes/connector-tokens.ts";
import { addConnectorRoutes, type ConnectorRoutes } from "./routes/connectors.ts";
import { addSessionRoutes, type SessionRoutes } from "./routes/console-session.ts";
import { addDeadLetterRoutes, type DeadLetterRoutes } from "./routes/dead-letters.ts";
import { addExplainCxOneAnswerRoute, type ExplainCxOneAnswerRoutes } from "./routes/explain-cxone-answer.ts";
import { addHandoffRoutes } from "./routes/handoffs.ts";
import { addOverviewRoutes, type OverviewRoutes } from "./routes/overview.ts";
import { addPauseRoutes, type PauseRoutes } from "./routes/pauses.ts";
import { addRunRoutes, createIsRepeatedRunStart, type RunRoutes } from "./routes/runs.ts";

/** AdminRoutes is what the routes call; each may throw a Refusal. */
export interface AdminRoutes
  extends OverviewRoutes,
    HandoffUseCases,
    DeadLetterRoutes,
    RunRoutes,
    ConnectorRoutes,
    ExplainCxOneAnswerRoutes,
    ConnectorTokenUseCases,
    PauseRoutes,
    AdminKeyUseCases,
    AuditRoutes,
    SessionRoutes {}

export interface ServerOptions extends Omit<GuardDeps, "isRepeated"> {
  readonly http: Omit<HttpServerOptions, "toIssues">;
  readonly version: string;
  readonly health: HealthOptions;
  readonly routes: AdminRoutes;
  /** The folder of the built console. */
  readonly console: string;
}

/** DOCUMENT is what the OpenAPI document says besides its routes. */
const DOCUMENT = {
  title: "Baton admin",
  description:
    "For operators: what is queued, what died and why, replay and discard, connectors and their tokens, admin keys, the audit. A `viewer` reads; an `operator` also replays, discards, cancels and pauses; an `admin` also changes connectors and keys.",
  tags: [
    { name: "handoffs", description: "Find and read handoffs, take queued ones back." },
    { name: "dead letters", description: "Handoffs that ended without CXone accepting them: causes, replay, discard." },
    {
      name: "replays",
      description:
        "Many dead letters queued again by one decision: plan it, look at it, start it, pause it or cancel it.",
    },
    { name: "discards", description: "The same, to put them away for good." },
    { name: "overview", description: "The state of everything, and the switch that stops it." },
    {
      name: "connectors",
      description: "What binds a PolyAI project to a CXone business unit, with its tokens and keys.",
    },
    { name: "keys", description: "Admin keys." },
    { name: "audit", description: "Who did what, when." },
    {
      name: "session",
      description:
        "The console's session, a cookie. Changes by cookie take JSON, and an `Origin` or `Sec-Fetch-Site` of this site.",
    },
    HEALTH_TAG,
  ],
  securitySchemes: {
    bearer: { type: "http", scheme: "bearer", description: "An admin key, `ba_…`." },
    session: { type: "apiKey", in: "cookie", name: SESSION_COOKIE, description: "The console's session." },
  },
  problem: problemSchema,
  guards: {
    bearer: ["unauthenticated", "forbidden", "too-many-requests", "queue-unavailable"],
    session: ["unauthenticated", "too-many-requests", "queue-unavailable"],
  },
  writeGuards: { session: ["cross-site"] },
} as const;

/** buildServer makes the server; the caller has it listen. */
export async function buildServer({
  http,
  version,
  health,
  routes,
  console,
  ...guard
}: ServerOptions): Promise<HttpServer> {
  const app = createHttpServer({ ...http, toIssues: validationIssues });
  await addOpenApiRoutes(app, { ...DOCUMENT, version });
  await app.register(cookies);
  await app.register(async (scope: HttpServer) => addSessionRoutes(scope, routes));
  await app.register(async (scope: HttpServer) => {
    guardAndAuditRoutes(scope, { ...guard, isRepeated: createIsRepeatedRunStart(routes) });
    addOverviewRoutes(scope, routes);
    addHandoffRoutes(scope, routes);
    addDeadLetterRoutes(scope, routes);
    addRunRoutes(scope, routes);
    addConnectorRoutes(scope, routes);
    addExplainCxOneAnswerRoute(scope, routes);
    addConnectorTokenRoutes(scope, routes);
    addPauseRoutes(scope, routes);
    addAdminKeyRoutes(scope, routes);
    addAuditRoutes(scope, routes);
  });
  addHealthRoutes(app, health);
  await addConsoleRoutes(app, console);
  return app;
}
