/** The routes of handoffs: search, read, cancel. */
import {
  handoffDetailsSchema,
  handoffDetailsToJson,
  handoffListSchema,
  handoffSchema,
  handoffSearchSchema,
  handoffToJson,
} from "@baton/api";
import type { HttpServer } from "@baton/runtime";
import type { HandoffUseCases } from "../handoff-use-cases.ts";
import { describeRoute, idParams } from "./route-openapi.ts";

export function addHandoffRoutes(
  app: HttpServer,
  { searchHandoffs, readHandoff, cancelHandoff }: HandoffUseCases,
): void {
  const search = describeRoute({
    tag: "handoffs",
    operationId: "searchHandoffs",
    summary: "Find handoffs, the newest accepted first",
    querystring: handoffSearchSchema,
    response: { 200: handoffListSchema },
  });
  app.get("/admin/v1/handoffs", { schema: search }, async (request) => {
    const { items, ...page } = await searchHandoffs(request.query);
    return { items: items.map(handoffToJson), ...page };
  });

  const read = describeRoute({
    tag: "handoffs",
    operationId: "getHandoff",
    summary: "Read a handoff",
    refuses: ["not-found"],
    params: idParams,
    response: { 200: handoffDetailsSchema },
  });
  app.get("/admin/v1/handoffs/:id", { schema: read }, async (request) => {
    const { handoff, answer } = await readHandoff(request.params.id);
    request.facts.handoffId = handoff.id;
    return handoffDetailsToJson(handoff, answer);
  });

  const cancel = describeRoute({
    tag: "handoffs",
    operationId: "cancelHandoff",
    summary: "Take a queued handoff back",
    refuses: ["not-found", "already-sending", "already-ended"],
    params: idParams,
    response: { 200: handoffSchema },
  });
  app.post("/admin/v1/handoffs/:id/cancel", { schema: cancel }, async (request) => {
    const handoff = await cancelHandoff(request.params.id);
    Object.assign(request.facts, { handoffId: handoff.id, connectorId: handoff.connectorId });
    return handoffToJson(handoff);
  });
}
