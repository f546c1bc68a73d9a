/** Admin's HTTP API, documented at its `/docs`. */
import { complaintsFrom } from "@baton/api";
import {
  createHttpServer,
  type HealthOptions,
  type HttpServer,
  type HttpServerOptions,
  registerHealth,
  registerOpenApi,
} from "@baton/runtime";
import { type GuardDeps, guardRoutes } from "./guard.ts";
import { type AuditRoutes, registerAudit } from "./routes/audit.ts";
import { type ConnectorRoutes, registerConnectors } from "./routes/connectors.ts";
import { type DeadLetterRoutes, registerDeadLetters } from "./routes/dead-letters.ts";
import { type HandoffRoutes, registerHandoffs } from "./routes/handoffs.ts";
import { type KeyRoutes, registerKeys } from "./routes/keys.ts";
import { type OverviewRoutes, registerOverview } from "./routes/overview.ts";
import { registerSwitches, type SwitchRoutes } from "./routes/switches.ts";
import { registerTokens, type TokenRoutes } from "./routes/tokens.ts";

/** AdminRoutes is what the routes call; each may throw a Refusal. */
export interface AdminRoutes
  extends OverviewRoutes,
    HandoffRoutes,
    DeadLetterRoutes,
    ConnectorRoutes,
    TokenRoutes,
    SwitchRoutes,
    KeyRoutes,
    AuditRoutes {}

export interface ServerOptions extends GuardDeps {
  readonly http: Omit<HttpServerOptions, "complain">;
  readonly version: string;
  readonly health: HealthOptions;
  readonly routes: AdminRoutes;
}

/** buildServer makes the server; it listens when told. */
export async function buildServer({ http, version, health, routes, ...guard }: ServerOptions): Promise<HttpServer> {
  const app = createHttpServer({ ...http, complain: complaintsFrom });
  await registerOpenApi(app, {
    title: "Baton admin",
    version,
    description:
      "For operators: what is queued, what died and why, replay and discard, connectors and their tokens, admin keys, the audit.",
  });
  registerHealth(app, health);
  await app.register(async (scope: HttpServer) => {
    guardRoutes(scope, guard);
    registerOverview(scope, routes);
    registerHandoffs(scope, routes);
    registerDeadLetters(scope, routes);
    registerConnectors(scope, routes);
    registerTokens(scope, routes);
    registerSwitches(scope, routes);
    registerKeys(scope, routes);
    registerAudit(scope, routes);
  });
  return app;
}
