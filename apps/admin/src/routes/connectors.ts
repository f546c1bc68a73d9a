/** The routes of connectors. */
import {
  connectorChangesSchema,
  connectorInputSchema,
  connectorListSchema,
  connectorPatchSchema,
  connectorSchema,
  connectorToJson,
  documentedConnectorPatchSchema,
  dryRunSchema,
  locationHeader,
  pageSearchSchema,
  verificationSchema,
  verifyBodySchema,
} from "@baton/api";
import { describeOpenApiResponseWithHeaders, type HttpServer } from "@baton/runtime";
import { z } from "zod";
import type { ConnectorUseCases } from "../connector-use-cases.ts";
import type { VerifyConnector } from "../verify-connector.ts";
import { describeRoute, idParams, NO_CONTENT } from "./route-openapi.ts";

export interface ConnectorRoutes extends ConnectorUseCases {
  readonly verifyConnector: VerifyConnector;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

export function addConnectorRoutes(app: HttpServer, routes: ConnectorRoutes): void {
  addCreateRoute(app, routes);
  addReadRoutes(app, routes);
  addChangeRoutes(app, routes);
  addVerifyRoute(app, routes);
}

function addCreateRoute(app: HttpServer, { createConnector, previewConnectorCreation, now }: ConnectorRoutes): void {
  const schema = describeRoute({
    tag: "connectors",
    operationId: "createConnector",
    summary: "Create a connector, or check with a dry run whether it could be created",
    refuses: ["project-taken", "number-taken"],
    querystring: dryRunSchema,
    body: connectorInputSchema,
    response: {
      200: connectorChangesSchema,
      201: describeOpenApiResponseWithHeaders(connectorSchema, z.object({ Location: locationHeader })),
    },
  });
  app.post("/admin/v1/connectors", { config: { problem: "invalid-connector" }, schema }, async (request, reply) => {
    if (request.query.dryRun === "true") return { changed: [...previewConnectorCreation(request.body)] };
    const connector = await createConnector(request.body);
    request.facts.connectorId = connector.id;
    reply.code(201).header("location", `/admin/v1/connectors/${connector.id}`);
    return connectorToJson(connector, now());
  });
}

function addReadRoutes(app: HttpServer, { listConnectors, readConnector, now }: ConnectorRoutes): void {
  const list = describeRoute({
    tag: "connectors",
    operationId: "listConnectors",
    summary: "List connectors, oldest first",
    querystring: pageSearchSchema,
    response: { 200: connectorListSchema },
  });
  app.get("/admin/v1/connectors", { schema: list }, async (request) => {
    const { items, ...page } = await listConnectors(request.query);
    return { items: items.map((connector) => connectorToJson(connector, now())), ...page };
  });

  const read = describeRoute({
    tag: "connectors",
    operationId: "getConnector",
    summary: "Read a connector; its secrets never come out",
    refuses: ["not-found"],
    params: idParams,
    response: { 200: connectorSchema },
  });
  app.get("/admin/v1/connectors/:id", { schema: read }, async (request) =>
    connectorToJson(await readConnector(request.params.id), now()),
  );
}

function addChangeRoutes(
  app: HttpServer,
  { patchConnector, previewConnectorPatch, deleteConnector, now }: ConnectorRoutes,
): void {
  const patch = describeRoute({
    tag: "connectors",
    operationId: "changeConnector",
    summary: "Change a connector: the fields given are replaced; the same values change nothing",
    refuses: ["not-found", "project-taken", "number-taken"],
    params: idParams,
    querystring: dryRunSchema,
    body: connectorPatchSchema,
    documentedBody: documentedConnectorPatchSchema,
    response: {
      200: z
        .union([connectorSchema, connectorChangesSchema])
        .meta({ description: "The connector as it is now; after a dry run, what would change." }),
    },
  });
  app.patch(
    "/admin/v1/connectors/:id",
    { config: { problem: "invalid-connector" }, schema: patch },
    async (request) => {
      request.facts.connectorId = request.params.id;
      const { id } = request.params;
      if (request.query.dryRun === "true") return { changed: [...(await previewConnectorPatch(id, request.body))] };
      return connectorToJson(await patchConnector(id, request.body), now());
    },
  );

  const remove = describeRoute({
    tag: "connectors",
    operationId: "deleteConnector",
    summary: "Delete a connector that has no handoff queued or being sent, with its tokens and keys",
    refuses: ["not-found", "handoffs-pending"],
    params: idParams,
    response: { 204: NO_CONTENT },
  });
  app.delete("/admin/v1/connectors/:id", { schema: remove }, async (request, reply) => {
    request.facts.connectorId = request.params.id;
    await deleteConnector(request.params.id);
    reply.code(204);
  });
}

function addVerifyRoute(app: HttpServer, { verifyConnector }: ConnectorRoutes): void {
  const schema = describeRoute({
    tag: "connectors",
    operationId: "verifyConnector",
    summary: "Check each step on the way to CXone; with a contact id, send one real test signal",
    refuses: ["not-found"],
    params: idParams,
    body: verifyBodySchema,
    response: { 200: verificationSchema },
  });
  app.post("/admin/v1/connectors/:id/verify", { schema }, async (request) => {
    const verification = await verifyConnector(request.params.id, request.body);
    Object.assign(request.facts, { connectorId: request.params.id, ok: verification.ok });
    return verification;
  });
}
