/** The routes that pause and resume: one connector, or everything. */
import {
  connectorSchema,
  connectorToJson,
  formatInstants,
  pauseBodySchema,
  pausedSchema,
  resumeBodySchema,
} from "@baton/api";
import { type Connector, Refusal } from "@baton/domain";
import type { HttpServer } from "@baton/runtime";
import type { ChangeConnector } from "../change-connector.ts";
import type { PauseEverything } from "../pause-everything.ts";
import { idParams, route } from "./document.ts";

export interface SwitchRoutes {
  readonly changeConnector: ChangeConnector;
  /** Opens a connector's gate: ends the throttle, the breaker and the wait for the token endpoint. */
  readonly resumeConnector: (connectorId: string) => Promise<unknown>;
  readonly pauseEverything: PauseEverything;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

const PAUSES = "Handoffs are still accepted, none is sent";
const RESUMES = "What waited goes on at the connector's rate";

/** registerSwitches adds the routes. */
export function registerSwitches(app: HttpServer, routes: SwitchRoutes): void {
  registerConnector(app, routes);
  registerEverything(app, routes);
}

function registerConnector(app: HttpServer, { changeConnector, resumeConnector, now }: SwitchRoutes): void {
  const shared = { params: idParams, response: { 200: connectorSchema } };
  const pauseRoute = { tag: "connectors", operationId: "pauseConnector", summary: `${PAUSES}: one connector` };
  const pause = { ...route(pauseRoute, "not-found", "invalid-request"), ...shared, body: pauseBodySchema };
  app.post("/admin/v1/connectors/:id/pause", { schema: pause }, async (request) => {
    const { id } = request.params;
    request.facts.connectorId = id;
    const pausedUntil = checkUntil(request.body.until, now());
    return connectorToJson(
      await changeConnector(id, ({ connector }) => ({ connector: paused(connector, pausedUntil) })),
    );
  });

  const resumeRoute = {
    tag: "connectors",
    operationId: "resumeConnector",
    summary: `${RESUMES}: one connector, also where CXone's Retry-After, the breaker or the token endpoint holds it back`,
  };
  const resume = { ...route(resumeRoute, "not-found", "invalid-request"), ...shared, body: resumeBodySchema };
  app.post("/admin/v1/connectors/:id/resume", { schema: resume }, async (request) => {
    const { id } = request.params;
    request.facts.connectorId = id;
    const changed = await changeConnector(id, ({ connector: { pausedUntil: _, ...connector } }) => ({
      connector: { ...connector, paused: false },
    }));
    await resumeConnector(changed.id);
    return connectorToJson(changed);
  });
}

function registerEverything(app: HttpServer, { pauseEverything, now }: SwitchRoutes): void {
  const response = { 200: pausedSchema };
  const pauseRoute = { tag: "overview", operationId: "pauseEverything", summary: `${PAUSES}: everything` };
  const pause = { ...route(pauseRoute, "invalid-request"), response, body: pauseBodySchema };
  app.post("/admin/v1/pause", { schema: pause }, async (request) => {
    const pausedUntil = checkUntil(request.body.until, now());
    await pauseEverything({ paused: true, ...(pausedUntil === undefined ? {} : { pausedUntil }) });
    return { paused: true, ...formatInstants({ pausedUntil }, ["pausedUntil"]) };
  });

  const resumeRoute = { tag: "overview", operationId: "resumeEverything", summary: `${RESUMES}: everything` };
  const resume = { ...route(resumeRoute, "invalid-request"), response, body: resumeBodySchema };
  app.post("/admin/v1/resume", { schema: resume }, async () => {
    await pauseEverything({ paused: false });
    return { paused: false };
  });
}

function paused({ pausedUntil: _, ...connector }: Connector, pausedUntil: number | undefined): Connector {
  return { ...connector, paused: true, ...(pausedUntil === undefined ? {} : { pausedUntil }) };
}

function checkUntil(until: number | undefined, now: number): number | undefined {
  if (until === undefined || until > now) return until;
  throw new Refusal("invalid-request", "the pause would be over already; nothing was changed", {
    errors: [{ pointer: "/until", message: "send an instant that is still to come" }],
  });
}
