/** The routes of connectors and their tokens. */
import {
  connectorInputSchema,
  connectorListSchema,
  connectorSchema,
  connectorSearchSchema,
  connectorToJson,
  createdTokenSchema,
  formatInstant,
  tokenBodySchema,
} from "@baton/api";
import type { Connector } from "@baton/domain";
import type { HttpServer } from "@baton/runtime";
import type { CreateConnector } from "../create-connector.ts";
import type { IssueToken } from "../issue-token.ts";
import type { ListConnectors } from "../list-connectors.ts";
import { writePage } from "../position.ts";
import { idParams, refusals, route } from "./document.ts";

export interface ConnectorRoutes {
  readonly createConnector: CreateConnector;
  readonly listConnectors: ListConnectors;
  /** Throws Refusal `not-found`. */
  readonly readConnector: (id: string) => Promise<Connector>;
  readonly issueToken: IssueToken;
}

/** registerConnectors adds the routes. */
export function registerConnectors(app: HttpServer, routes: ConnectorRoutes): void {
  registerCreate(app, routes);
  registerReads(app, routes);
  registerTokens(app, routes);
}

function registerCreate(app: HttpServer, { createConnector }: ConnectorRoutes): void {
  const schema = {
    ...route("connectors", "Create a connector"),
    body: connectorInputSchema,
    response: { ...refusals("invalid-connector", "project-taken", "number-taken"), 201: connectorSchema },
  };
  app.post("/admin/v1/connectors", { config: { problem: "invalid-connector" }, schema }, async (request, reply) => {
    const connector = await createConnector(request.body);
    request.facts.connectorId = connector.id;
    reply.code(201).header("location", `/admin/v1/connectors/${connector.id}`);
    return connectorToJson(connector);
  });
}

function registerReads(app: HttpServer, { listConnectors, readConnector }: ConnectorRoutes): void {
  const list = {
    ...route("connectors", "List connectors, oldest first"),
    querystring: connectorSearchSchema,
    response: { ...refusals(), 200: connectorListSchema },
  };
  app.get("/admin/v1/connectors", { schema: list }, async (request) => {
    const { items, next } = await listConnectors(request.query);
    return writePage(
      items.map((connector) => connectorToJson(connector)),
      next,
    );
  });

  const read = {
    ...route("connectors", "Read a connector; its secrets never come out"),
    params: idParams,
    response: { ...refusals("not-found"), 200: connectorSchema },
  };
  app.get("/admin/v1/connectors/:id", { schema: read }, async (request) => connectorToJson(await readConnector(request.params.id)));
}

function registerTokens(app: HttpServer, { issueToken }: ConnectorRoutes): void {
  const schema = {
    ...route("connectors", "Issue a connector token; it is shown this once"),
    params: idParams,
    body: tokenBodySchema,
    response: { ...refusals("not-found"), 201: createdTokenSchema },
  };
  app.post("/admin/v1/connectors/:id/tokens", { schema }, async (request, reply) => {
    const { id, token, createdAt } = await issueToken(request.params.id, request.body);
    Object.assign(request.facts, { connectorId: request.params.id, tokenId: id });
    reply.code(201).header("cache-control", "no-store");
    return { id, token, createdAt: formatInstant(createdAt) };
  });
}
