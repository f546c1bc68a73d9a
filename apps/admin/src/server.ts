/** Admin's HTTP API, documented at its `/docs`. */
import { problemSchema, SESSION_COOKIE, validationIssues } from "@baton/api";
import {
  createHttpServer,
  HEALTH_TAG,
  type HealthOptions,
  type HttpServer,
  type HttpServerOptions,
  registerHealth,
  registerOpenApi,
} from "@baton/runtime";
import cookies from "@fastify/cookie";
import { registerConsole } from "./console.ts";
import { type GuardDeps, guardRoutes } from "./guard.ts";
import { type AdminKeyRoutes, registerAdminKeys } from "./routes/admin-keys.ts";
import { type AuditRoutes, registerAudit } from "./routes/audit.ts";
import { type ConnectorTokenRoutes, registerConnectorTokens } from "./routes/connector-tokens.ts";
import { type ConnectorRoutes, registerConnectors } from "./routes/connectors.ts";
import { type DeadLetterRoutes, registerDeadLetters } from "./routes/dead-letters.ts";
import { type ExplainRoutes, registerExplain } from "./routes/explain.ts";
import { type HandoffRoutes, registerHandoffs } from "./routes/handoffs.ts";
import { type OverviewRoutes, registerOverview } from "./routes/overview.ts";
import { type PauseRoutes, registerPauses } from "./routes/pauses.ts";
import { type RunRoutes, registerRuns } from "./routes/runs.ts";
import { registerSession, type SessionRoutes } from "./routes/session.ts";

/** AdminRoutes is what the routes call; each may throw a Refusal. */
export interface AdminRoutes
  extends OverviewRoutes,
    HandoffRoutes,
    DeadLetterRoutes,
    RunRoutes,
    ConnectorRoutes,
    ExplainRoutes,
    ConnectorTokenRoutes,
    PauseRoutes,
    AdminKeyRoutes,
    AuditRoutes,
    SessionRoutes {}

export interface ServerOptions extends GuardDeps {
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
      description: "Many dead letters put back in line by one decision: plan it, look at it, start it, steer it.",
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
  await registerOpenApi(app, { ...DOCUMENT, version });
  await app.register(cookies);
  await app.register(async (scope: HttpServer) => registerSession(scope, routes));
  await app.register(async (scope: HttpServer) => {
    guardRoutes(scope, guard);
    registerOverview(scope, routes);
    registerHandoffs(scope, routes);
    registerDeadLetters(scope, routes);
    registerRuns(scope, routes);
    registerConnectors(scope, routes);
    registerExplain(scope, routes);
    registerConnectorTokens(scope, routes);
    registerPauses(scope, routes);
    registerAdminKeys(scope, routes);
    registerAudit(scope, routes);
  });
  registerHealth(app, health);
  await registerConsole(app, console);
  return app;
}
