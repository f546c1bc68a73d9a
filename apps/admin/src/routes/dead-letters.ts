/** The routes of dead letters: list, causes, replay one, discard one. */
import {
  causeListSchema,
  causePatchSchema,
  causeSchema,
  causeSearchSchema,
  causeToJson,
  deadLetterListSchema,
  deadLetterSearchSchema,
  deadLetterToJson,
  discardBodySchema,
  handoffSchema,
  handoffToJson,
  replayBodySchema,
} from "@baton/api";
import type { HttpServer } from "@baton/runtime";
import type { DeadLetterCauseUseCases } from "../dead-letter-cause-use-cases.ts";
import type { DeadLetterUseCases } from "../dead-letter-use-cases.ts";
import { describeRoute, idParams } from "./route-openapi.ts";

export interface DeadLetterRoutes extends DeadLetterUseCases, DeadLetterCauseUseCases {}

export function addDeadLetterRoutes(app: HttpServer, routes: DeadLetterRoutes): void {
  addListRoutes(app, routes);
  addPatchCauseRoute(app, routes);
  addReplayRoute(app, routes);
  addDiscardRoute(app, routes);
}

function addListRoutes(app: HttpServer, { listDeadLetters, listCauses }: DeadLetterRoutes): void {
  const list = describeRoute({
    tag: "dead letters",
    operationId: "listDeadLetters",
    summary: "List dead letters, newest first",
    querystring: deadLetterSearchSchema,
    response: { 200: deadLetterListSchema },
  });
  app.get("/admin/v1/dead-letters", { schema: list }, async (request) => {
    const { items, ...page } = await listDeadLetters(request.query);
    return { items: items.map(({ handoff, ...death }) => deadLetterToJson(handoff, death)), ...page };
  });

  const causes = describeRoute({
    tag: "dead letters",
    operationId: "listCauses",
    summary: "Group dead letters by what went wrong, the most frequent first",
    querystring: causeSearchSchema,
    response: { 200: causeListSchema },
  });
  app.get("/admin/v1/dead-letters/causes", { schema: causes }, async (request) => {
    const { items, ...page } = await listCauses(request.query);
    return { items: items.map(causeToJson), ...page };
  });
}

function addPatchCauseRoute(app: HttpServer, { patchCause }: DeadLetterRoutes): void {
  const schema = describeRoute({
    tag: "dead letters",
    operationId: "patchCause",
    summary:
      "Acknowledge a cause, ignore it, or leave a note for the operator who is on call next; `id` is the fingerprint",
    refuses: ["not-found"],
    params: idParams,
    body: causePatchSchema,
    response: { 200: causeSchema },
  });
  app.patch("/admin/v1/dead-letters/causes/:id", { schema }, async (request) =>
    causeToJson(await patchCause(request.params.id, request.body, request.actor?.name ?? "")),
  );
}

function addReplayRoute(app: HttpServer, { replayDeadLetter }: DeadLetterRoutes): void {
  const schema = describeRoute({
    tag: "dead letters",
    operationId: "replayDeadLetter",
    summary: "Queue a dead letter again",
    refuses: ["not-found", "not-dead", "may-duplicate", "backlog-full"],
    params: idParams,
    body: replayBodySchema,
    response: { 202: handoffSchema },
  });
  app.post("/admin/v1/dead-letters/:id/replay", { schema }, async (request, reply) => {
    const { note: _, ...options } = request.body;
    const { traceparent } = request.correlation;
    const handoff = await replayDeadLetter(request.params.id, {
      ...options,
      ...(traceparent === undefined ? {} : { traceparent }),
    });
    Object.assign(request.facts, { handoffId: handoff.id, connectorId: handoff.connectorId });
    reply.code(202);
    return handoffToJson(handoff);
  });
}

function addDiscardRoute(app: HttpServer, { discardDeadLetter }: DeadLetterRoutes): void {
  const schema = describeRoute({
    tag: "dead letters",
    operationId: "discardDeadLetter",
    summary: "Put a dead letter away for good",
    refuses: ["not-found", "not-dead"],
    params: idParams,
    body: discardBodySchema,
    response: { 200: handoffSchema },
  });
  app.post("/admin/v1/dead-letters/:id/discard", { schema }, async (request) => {
    const handoff = await discardDeadLetter(request.params.id);
    Object.assign(request.facts, { handoffId: handoff.id, connectorId: handoff.connectorId });
    return handoffToJson(handoff);
  });
}
