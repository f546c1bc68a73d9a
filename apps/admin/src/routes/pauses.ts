/** The routes that pause and resume: one connector, or everything. */
import {
  connectorSchema,
  connectorToJson,
  pauseBodySchema,
  pausedSchema,
  pickFormattedInstants,
  resumeBodySchema,
} from "@baton/api";
import type { HttpServer } from "@baton/runtime";
import type { PauseUseCases } from "../pause-use-cases.ts";
import { describeRoute, idParams } from "./route-openapi.ts";

/** PauseRoutes: `now` is epoch milliseconds on Redis's clock. */
export interface PauseRoutes extends PauseUseCases {
  readonly now: () => number;
}

const PAUSES = "Handoffs are still accepted, none is sent";
const RESUMES = "What waited goes on at the connector's rate";

export function addPauseRoutes(app: HttpServer, routes: PauseRoutes): void {
  addConnectorPauseRoutes(app, routes);
  addEverythingPauseRoutes(app, routes);
}

function addConnectorPauseRoutes(app: HttpServer, { pauseConnector, resumeConnector, now }: PauseRoutes): void {
  const shared = {
    tag: "connectors",
    refuses: ["not-found", "invalid-request"],
    params: idParams,
    response: { 200: connectorSchema },
  } as const;
  const pause = describeRoute({
    ...shared,
    operationId: "pauseConnector",
    summary: `${PAUSES}: one connector`,
    body: pauseBodySchema,
  });
  app.post("/admin/v1/connectors/:id/pause", { schema: pause }, async (request) => {
    const { id } = request.params;
    request.facts.connectorId = id;
    return connectorToJson(await pauseConnector(id, request.body.until), now());
  });

  const resume = describeRoute({
    ...shared,
    operationId: "resumeConnector",
    summary: `${RESUMES}: one connector, also where CXone's Retry-After, the breaker or the token endpoint holds it back`,
    body: resumeBodySchema,
  });
  app.post("/admin/v1/connectors/:id/resume", { schema: resume }, async (request) => {
    const { id } = request.params;
    request.facts.connectorId = id;
    return connectorToJson(await resumeConnector(id), now());
  });
}

function addEverythingPauseRoutes(app: HttpServer, { pauseEverything, resumeEverything }: PauseRoutes): void {
  const shared = { tag: "overview", refuses: ["invalid-request"], response: { 200: pausedSchema } } as const;
  const pause = describeRoute({
    ...shared,
    operationId: "pauseEverything",
    summary: `${PAUSES}: everything`,
    body: pauseBodySchema,
  });
  app.post("/admin/v1/pause", { schema: pause }, async (request) => {
    const { pausedUntil } = await pauseEverything(request.body.until);
    return { paused: true, ...pickFormattedInstants({ pausedUntil }, ["pausedUntil"]) };
  });

  const resume = describeRoute({
    ...shared,
    operationId: "resumeEverything",
    summary: `${RESUMES}: everything`,
    body: resumeBodySchema,
  });
  app.post("/admin/v1/resume", { schema: resume }, async () => {
    await resumeEverything();
    return { paused: false };
  });
}
