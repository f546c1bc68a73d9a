/** The routes of admin keys. */
import {
  adminKeyBodySchema,
  adminKeyListSchema,
  adminKeySearchSchema,
  adminKeyToJson,
  createdAdminKeySchema,
  noStoreHeader,
} from "@baton/api";
import { answerWithHeaders, type HttpServer } from "@baton/runtime";
import { z } from "zod";
import type { IssueKey } from "../issue-key.ts";
import type { ListKeys } from "../list-keys.ts";
import { writePage } from "../position.ts";
import type { RevokeKey } from "../revoke-key.ts";
import { idParams, NO_CONTENT, route } from "./document.ts";

export interface KeyRoutes {
  readonly issueKey: IssueKey;
  readonly listKeys: ListKeys;
  readonly revokeKey: RevokeKey;
}

/** registerKeys adds the routes. */
export function registerKeys(app: HttpServer, routes: KeyRoutes): void {
  registerIssue(app, routes);
  registerList(app, routes);
  registerRevoke(app, routes);
}

function registerIssue(app: HttpServer, { issueKey }: KeyRoutes): void {
  const issue = {
    ...route({ tag: "keys", operationId: "issueKey", summary: "Issue an admin key; it is shown this once" }),
    body: adminKeyBodySchema,
    response: { 201: answerWithHeaders(createdAdminKeySchema, z.object({ "Cache-Control": noStoreHeader })) },
  };
  app.post("/admin/v1/keys", { schema: issue }, async (request, reply) => {
    const { token, ...entry } = await issueKey(request.body);
    request.facts.keyId = entry.id;
    reply.code(201).header("cache-control", "no-store");
    return { ...adminKeyToJson(entry), token };
  });
}

function registerList(app: HttpServer, { listKeys }: KeyRoutes): void {
  const list = {
    ...route({
      tag: "keys",
      operationId: "listKeys",
      summary: "List the admin keys, the newest first, never their secrets; BATON_ADMIN_KEY is not among them",
    }),
    querystring: adminKeySearchSchema,
    response: { 200: adminKeyListSchema },
  };
  app.get("/admin/v1/keys", { schema: list }, async (request) => {
    const { items, next } = await listKeys(request.query);
    return writePage(items.map(adminKeyToJson), next);
  });
}

function registerRevoke(app: HttpServer, { revokeKey }: KeyRoutes): void {
  const revoke = {
    ...route(
      {
        tag: "keys",
        operationId: "revokeKey",
        summary: "Revoke an admin key; within 2 s nobody takes it. BATON_ADMIN_KEY cannot be revoked",
      },
      "not-found",
    ),
    params: idParams,
    response: { 204: NO_CONTENT },
  };
  app.delete("/admin/v1/keys/:id", { schema: revoke }, async (request, reply) => {
    await revokeKey(request.params.id);
    request.facts.keyId = request.params.id;
    reply.code(204);
  });
}
