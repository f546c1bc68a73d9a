/** Ingress's HTTP API, documented at its `/docs`. */
import { problemSchema, validationIssues } from "@baton/api";
import {
  addHealthRoutes,
  addOpenApiRoutes,
  createHttpServer,
  HEALTH_TAG,
  type HealthOptions,
  type HttpServer,
  type HttpServerOptions,
  type Log,
} from "@baton/runtime";
import { addHandoffRoutes, type HandoffRoutes } from "./routes/handoffs.ts";
import { addRegisteredCallRoutes, type RegisteredCallRoutes } from "./routes/registered-calls.ts";
import { addScreenPopRoutes, type ScreenPopRoutes } from "./routes/screen-pop.ts";
import { addTokenProtectedRoutes, type TokenAuthentication } from "./routes/token-protected-scope.ts";

export interface ServerOptions extends TokenAuthentication, HandoffRoutes, RegisteredCallRoutes, ScreenPopRoutes {
  readonly log: Log;
  readonly version: string;
  readonly trustedProxies: readonly string[];
  readonly health: HealthOptions;
  readonly onServed: HttpServerOptions["onServed"];
  readonly beginSpan?: HttpServerOptions["beginSpan"];
}

/** DOCUMENT is what the OpenAPI document says besides its routes. */
const DOCUMENT = {
  title: "Baton ingress",
  description:
    "Takes handoffs of live calls and signals their CXone contacts. A 202 means that the handoff is kept and will end delivered, dead or cancelled.",
  tags: [
    { name: "handoffs", description: "Requests to signal a CXone contact." },
    { name: "calls", description: "Inbound SIP calls, registered so that a handoff may name them." },
    { name: "screen pop", description: "What an agent's desktop shows of a call, as PolyAI's Handoff API has it." },
    HEALTH_TAG,
  ],
  securitySchemes: {
    bearer: { type: "http", scheme: "bearer", description: "A connector token, `bt_…`." },
    screenPopKey: { type: "apiKey", in: "header", name: "x-api-key", description: "A screen-pop key, `bk_…`." },
  },
  problem: problemSchema,
  guards: { bearer: ["unauthenticated", "connector-disabled", "too-many-requests", "queue-unavailable"] },
} as const;

/** buildServer makes the server; the caller has it listen. */
export async function buildServer(options: ServerOptions): Promise<HttpServer> {
  const { log, trustedProxies, onServed, beginSpan } = options;
  const app = createHttpServer({ log, trustedProxies, onServed, beginSpan, toIssues: validationIssues });
  await addOpenApiRoutes(app, { ...DOCUMENT, version: options.version });
  addTokenProtectedRoutes(app, options, (scope) => {
    addHandoffRoutes(scope, options);
    addRegisteredCallRoutes(scope, options);
  });
  addScreenPopRoutes(app, options);
  addHealthRoutes(app, options.health);
  return app;
}
