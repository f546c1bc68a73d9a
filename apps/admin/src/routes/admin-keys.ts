/** The routes of admin keys. */
import {
  adminKeyBodySchema,
  adminKeyListSchema,
  adminKeyToJson,
  createdAdminKeySchema,
  noStoreHeader,
  pageSearchSchema,
} from "@baton/api";
import { describeOpenApiResponseWithHeaders, type HttpServer } from "@baton/runtime";
import { z } from "zod";
import type { AdminKeyUseCases } from "../admin-key-use-cases.ts";
import { describeRoute, idParams, NO_CONTENT } from "./route-openapi.ts";

export function addAdminKeyRoutes(app: HttpServer, routes: AdminKeyUseCases): void {
  addIssueRoute(app, routes);
  addListRoute(app, routes);
  addRevokeRoute(app, routes);
}

function addIssueRoute(app: HttpServer, { issueKey }: AdminKeyUseCases): void {
  const issue = describeRoute({
    tag: "keys",
    operationId: "issueKey",
    summary: "Issue an admin key; it is shown this once",
    body: adminKeyBodySchema,
    response: {
      201: describeOpenApiResponseWithHeaders(createdAdminKeySchema, z.object({ "Cache-Control": noStoreHeader })),
    },
  });
  app.post("/admin/v1/keys", { schema: issue }, async (request, reply) => {
    const { token, ...entry } = await issueKey(request.body);
    request.facts.keyId = entry.id;
    reply.code(201).header("cache-control", "no-store");
    return { ...adminKeyToJson(entry), token };
  });
}

function addListRoute(app: HttpServer, { listKeys }: AdminKeyUseCases): void {
  const list = describeRoute({
    tag: "keys",
    operationId: "listKeys",
    summary: "List the admin keys, the newest first, never their secrets; BATON_ADMIN_KEY is not among them",
    querystring: pageSearchSchema,
    response: { 200: adminKeyListSchema },
  });
  app.get("/admin/v1/keys", { schema: list }, async (request) => {
    const { items, ...page } = await listKeys(request.query);
    return { items: items.map(adminKeyToJson), ...page };
  });
}

function addRevokeRoute(app: HttpServer, { revokeKey }: AdminKeyUseCases): void {
  const revoke = describeRoute({
    tag: "keys",
    operationId: "revokeKey",
    summary: "Revoke an admin key; within 2 s no process accepts it. BATON_ADMIN_KEY cannot be revoked",
    refuses: ["not-found"],
    params: idParams,
    response: { 204: NO_CONTENT },
  });
  app.delete("/admin/v1/keys/:id", { schema: revoke }, async (request, reply) => {
    await revokeKey(request.params.id);
    request.facts.keyId = request.params.id;
    reply.code(204);
  });
}
