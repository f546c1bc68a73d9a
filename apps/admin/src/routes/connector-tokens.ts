/** The routes of connector tokens and screen-pop keys: the same but for their name. */
import {
  createdTokenSchema,
  formatInstant,
  noStoreHeader,
  pageSearchSchema,
  tokenBodySchema,
  tokenListSchema,
  tokenToJson,
} from "@baton/api";
import type { TokenKind } from "@baton/registry/connector-token-store";
import { describeOpenApiResponseWithHeaders, type HttpServer } from "@baton/runtime";
import { z } from "zod";
import type { ConnectorTokenUseCases } from "../connector-token-use-cases.ts";
import { describeRoute, idParams, NO_CONTENT } from "./route-openapi.ts";

const NAMES: Readonly<Record<TokenKind, string>> = { tokens: "connector token", "screen-pop-keys": "screen-pop key" };
/** OPERATIONS: what the routes' names end in, in generated clients. */
const OPERATIONS: Readonly<Record<TokenKind, string>> = { tokens: "Token", "screen-pop-keys": "ScreenPopKey" };
const tokenParams = z.object({ id: z.string(), tokenId: z.string() });

/** addConnectorTokenRoutes adds the routes of both kinds. */
export function addConnectorTokenRoutes(app: HttpServer, routes: ConnectorTokenUseCases): void {
  for (const kind of ["tokens", "screen-pop-keys"] as const) {
    addIssueRoute(app, kind, routes);
    addListRoute(app, kind, routes);
    addRevokeRoute(app, kind, routes);
  }
}

function addIssueRoute(app: HttpServer, kind: TokenKind, { issueToken }: ConnectorTokenUseCases): void {
  const issue = describeRoute({
    tag: "connectors",
    operationId: `issue${OPERATIONS[kind]}`,
    summary: `Issue a ${NAMES[kind]}; it is shown this once`,
    refuses: ["not-found"],
    params: idParams,
    body: tokenBodySchema,
    response: {
      201: describeOpenApiResponseWithHeaders(createdTokenSchema, z.object({ "Cache-Control": noStoreHeader })),
    },
  });
  app.post(tokensPathOf(kind), { schema: issue }, async (request, reply) => {
    const { id, token, createdAt } = await issueToken(request.params.id, { kind, ...request.body });
    Object.assign(request.facts, { connectorId: request.params.id, tokenId: id });
    reply.code(201).header("cache-control", "no-store");
    return { id, token, createdAt: formatInstant(createdAt) };
  });
}

function addListRoute(app: HttpServer, kind: TokenKind, { listTokens }: ConnectorTokenUseCases): void {
  const list = describeRoute({
    tag: "connectors",
    operationId: `list${OPERATIONS[kind]}s`,
    summary: `List a connector's ${NAMES[kind]}s, the newest first, never their secrets`,
    refuses: ["not-found"],
    params: idParams,
    querystring: pageSearchSchema,
    response: { 200: tokenListSchema },
  });
  app.get(tokensPathOf(kind), { schema: list }, async (request) => {
    const { items, ...page } = await listTokens(request.params.id, { kind, ...request.query });
    return { items: items.map(tokenToJson), ...page };
  });
}

function addRevokeRoute(app: HttpServer, kind: TokenKind, { revokeToken }: ConnectorTokenUseCases): void {
  const revoke = describeRoute({
    tag: "connectors",
    operationId: `revoke${OPERATIONS[kind]}`,
    summary: `Revoke a ${NAMES[kind]}; within 2 s no process accepts it`,
    refuses: ["not-found"],
    params: tokenParams,
    response: { 204: NO_CONTENT },
  });
  app.delete(`${tokensPathOf(kind)}/:tokenId`, { schema: revoke }, async (request, reply) => {
    const { id, tokenId } = request.params;
    await revokeToken(id, kind, tokenId);
    Object.assign(request.facts, { connectorId: id, tokenId });
    reply.code(204);
  });
}

function tokensPathOf<Kind extends TokenKind>(kind: Kind): `/admin/v1/connectors/:id/${Kind}` {
  return `/admin/v1/connectors/:id/${kind}`;
}
