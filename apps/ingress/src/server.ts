/** Ingress's HTTP API, documented at its `/docs`. */
import { complaintsFrom } from "@baton/api";
import {
  createHttpServer,
  type HealthOptions,
  type HttpServer,
  type Log,
  registerHealth,
  registerOpenApi,
  type ServedRequest,
} from "@baton/runtime";
import { type CallRoutes, registerCalls } from "./routes/calls.ts";
import { type ConnectorScope, registerConnectorScope } from "./routes/connector-scope.ts";
import { type HandoffStateRoutes, registerHandoffState } from "./routes/handoff-state.ts";
import { type HandoffRoutes, registerHandoffs } from "./routes/handoffs.ts";

export interface ServerOptions extends ConnectorScope, HandoffRoutes, CallRoutes, HandoffStateRoutes {
  readonly log: Log;
  readonly version: string;
  readonly trustedProxies: readonly string[];
  readonly health: HealthOptions;
  readonly onServed: (request: ServedRequest) => void;
}

/** buildServer makes the server; it listens when told. */
export async function buildServer(options: ServerOptions): Promise<HttpServer> {
  const { log, trustedProxies, onServed } = options;
  const app = createHttpServer({ log, trustedProxies, onServed, complain: complaintsFrom });
  await registerOpenApi(app, {
    title: "Baton ingress",
    version: options.version,
    description:
      "Takes handoffs of live calls and signals their CXone contacts. A 202 means that the handoff is kept and will end delivered, dead or cancelled.",
    securitySchemes: { screenPopKey: { type: "apiKey", in: "header", name: "x-api-key" } },
  });
  registerHealth(app, options.health);
  registerConnectorScope(app, options, (scope) => {
    registerHandoffs(scope, options);
    registerCalls(scope, options);
  });
  registerHandoffState(app, options);
  return app;
}
