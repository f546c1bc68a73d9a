/** The routes of `/v1/handoffs`. */
import {
  documentedHandoffSchema,
  formatWaitPreference,
  handoffBodySchema,
  handoffHeadersSchema,
  handoffListSchema,
  handoffSchema,
  handoffToJson,
  idempotencyKeySchema,
  idempotentReplayedHeader,
  locationHeader,
  ownHandoffSearchSchema,
  parsePreferHeader,
  preferenceAppliedHeader,
} from "@baton/api";
import { hasEnded, Refusal } from "@baton/domain";
import type { StoredHandoff } from "@baton/handoffs/handoff-record";
import type { RecordedAnswer } from "@baton/handoffs/record-sender-answers-on-handoffs";
import { describeOpenApiResponseWithHeaders, type HttpServer } from "@baton/runtime";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { AcceptedHandoff, HandoffRequest } from "../accept-handoff.ts";
import type { HandoffLookup, ListHandoffs } from "../get-and-list-handoffs.ts";
import { createCountRefusalHook } from "../handoff-acceptance-telemetry.ts";
import { addHandoffBatchRoute } from "./handoff-batch.ts";
import { authenticatedConnectorOfRequest } from "./token-protected-scope.ts";

/** HandoffRoutes is what the routes call; each may throw a Refusal. */
export interface HandoffRoutes {
  readonly acceptHandoff: (request: HandoffRequest) => Promise<AcceptedHandoff>;
  readonly listHandoffs: ListHandoffs;
  readonly readHandoff: (asked: HandoffLookup) => Promise<StoredHandoff>;
  readonly cancelHandoff: (asked: HandoffLookup) => Promise<StoredHandoff>;
  readonly waitForCompletion: (stored: StoredHandoff, waitMs: number) => Promise<StoredHandoff>;
  /** Called with the problem's slug for each handoff that was not accepted, and once for a batch refused whole. */
  readonly onRefused: (reason: string) => void;
  /** Called once an answer was sent that an operator may ask about. */
  readonly onAnswered: (answer: RecordedAnswer) => void;
}

/**
 * SLOW_ANSWER_MS: an ordinary 202 within so long is not kept with its handoff, so that the usual case costs Redis no
 * write.
 */
const SLOW_ANSWER_MS = 250;

const TAGS = { tags: ["handoffs"], security: [{ bearer: [] }] };
const idParams = z.object({ id: z.string() });
const acceptedHeaders = z.object({
  Location: locationHeader,
  "Idempotent-Replayed": idempotentReplayedHeader,
  "Preference-Applied": preferenceAppliedHeader,
});
const waitHeaders = handoffHeadersSchema.pick({ prefer: true });
/**
 * Bodies are judged by the use case, which first looks the idempotency key up; the schema is what the document shows.
 */
const skipValidation = { validatorCompiler: () => (value: unknown) => ({ value }) };
/** What is answered was made of a handoff field by field (handoffToJson): it is not parsed once more on its way out. */
const skipSerialization = { serializerCompiler: () => (handoff: unknown) => JSON.stringify(handoff) };

export function addHandoffRoutes(app: HttpServer, routes: HandoffRoutes): void {
  addAcceptRoute(app, routes);
  addHandoffBatchRoute(app, routes);
  addListRoute(app, routes);
  addReadRoute(app, routes);
  addCancelRoute(app, routes);
}

function addAcceptRoute(app: HttpServer, routes: HandoffRoutes): void {
  const schema = {
    ...TAGS,
    operationId: "acceptHandoff",
    summary: "Accept one handoff",
    headers: handoffHeadersSchema,
    body: handoffBodySchema,
    documentedBody: documentedHandoffSchema,
    response: {
      200: describeOpenApiResponseWithHeaders(
        handoffSchema,
        acceptedHeaders,
        "With `Prefer: wait`: the handoff as it ended.",
      ),
      202: describeOpenApiResponseWithHeaders(handoffSchema, acceptedHeaders, "Accepted; the handoff as it is now."),
    },
    refuses: ["no-contact-id", "idempotency-key-reused", "backlog-full"] as const,
  };
  app.post(
    "/v1/handoffs",
    {
      config: { problem: "invalid-handoff", exactNumbers: true },
      schema,
      ...skipValidation,
      ...skipSerialization,
      onSend: createCountRefusalHook(routes.onRefused),
      onResponse(request, reply, done) {
        reportAnswer(routes, request, reply);
        done();
      },
    },
    async (request, reply) => {
      const accepted = await acceptFromRequest(routes, request);
      request.facts.handoffId = accepted.stored.handoff.id;
      reply.header("location", `/v1/handoffs/${accepted.stored.handoff.id}`);
      if (accepted.replayed) reply.header("idempotent-replayed", "true");
      const { waitMs } = parsePreferHeader(request.headers.prefer);
      const stored =
        waitMs === undefined ? accepted.stored : await waitAsPreferred(routes, { reply, waitMs, ...accepted });
      reply.code(waitMs !== undefined && hasEnded(stored.handoff.status) ? 200 : 202);
      return handoffToJson(stored.handoff);
    },
  );
}

/** reportAnswer is called once the answer was sent, and not where the connection was lost before. */
function reportAnswer({ onAnswered }: HandoffRoutes, request: FastifyRequest, reply: FastifyReply): void {
  const { handoffId } = request.facts;
  if (reply.statusCode >= 300 || typeof handoffId !== "string") return;
  const { waitMs } = parsePreferHeader(request.headers.prefer);
  const afterMs = Math.round(reply.elapsedTime);
  if (waitMs === undefined && afterMs < SLOW_ANSWER_MS) return;
  onAnswered({ handoffId, status: reply.statusCode, afterMs, ...(waitMs === undefined ? {} : { waitMs }) });
}

function acceptFromRequest({ acceptHandoff }: HandoffRoutes, request: FastifyRequest): Promise<AcceptedHandoff> {
  const { body, answerBy, correlation } = request;
  const idempotencyKey = readIdempotencyKey(request);
  return acceptHandoff({
    connector: authenticatedConnectorOfRequest(request),
    answerBy,
    correlation,
    body,
    ...(idempotencyKey === undefined ? {} : { idempotencyKey }),
  });
}

function addListRoute(app: HttpServer, { listHandoffs }: HandoffRoutes): void {
  const schema = {
    ...TAGS,
    operationId: "listHandoffs",
    summary: "List the connector's own handoffs, the newest first",
    querystring: ownHandoffSearchSchema,
    response: { 200: handoffListSchema },
  };
  app.get("/v1/handoffs", { schema }, async (request) => {
    const { query, answerBy } = request;
    const { items, ...next } = await listHandoffs({
      connectorId: authenticatedConnectorOfRequest(request).id,
      query,
      answerBy,
    });
    return { items: items.map(({ handoff }) => handoffToJson(handoff)), ...next };
  });
}

function addReadRoute(app: HttpServer, routes: HandoffRoutes): void {
  const schema = {
    ...TAGS,
    operationId: "getHandoff",
    summary: "Read one handoff",
    params: idParams,
    headers: waitHeaders,
    response: {
      200: describeOpenApiResponseWithHeaders(
        handoffSchema,
        z.object({ "Preference-Applied": preferenceAppliedHeader }),
      ),
    },
    refuses: ["not-found"] as const,
  };
  app.get("/v1/handoffs/:id", { schema, ...skipSerialization }, async (request, reply) => {
    const stored = await routes.readHandoff(handoffLookupOf(request, request.params.id));
    request.facts.handoffId = stored.handoff.id;
    const { waitMs } = parsePreferHeader(request.headers.prefer);
    const { handoff } = waitMs === undefined ? stored : await waitAsPreferred(routes, { reply, waitMs, stored });
    return handoffToJson(handoff);
  });
}

function addCancelRoute(app: HttpServer, routes: HandoffRoutes): void {
  const schema = {
    ...TAGS,
    operationId: "cancelHandoff",
    summary: "Take a queued handoff back; again, the same answer",
    params: idParams,
    response: { 200: handoffSchema },
    refuses: ["not-found", "already-sending", "already-ended"] as const,
  };
  app.post("/v1/handoffs/:id/cancel", { schema }, async (request) => {
    const stored = await routes.cancelHandoff(handoffLookupOf(request, request.params.id));
    request.facts.handoffId = stored.handoff.id;
    return handoffToJson(stored.handoff);
  });
}

function handoffLookupOf(request: FastifyRequest, id: string): HandoffLookup {
  return { connectorId: authenticatedConnectorOfRequest(request).id, id, answerBy: request.answerBy };
}

interface WaitOptions {
  readonly reply: FastifyReply;
  readonly stored: StoredHandoff;
  readonly waitMs: number;
}

/** waitAsPreferred gives the handoff once it has ended, or after `waitMs`, and says for how long it was asked to. */
function waitAsPreferred(routes: HandoffRoutes, { reply, stored, waitMs }: WaitOptions): Promise<StoredHandoff> {
  reply.header("preference-applied", formatWaitPreference(waitMs));
  return routes.waitForCompletion(stored, waitMs);
}

function readIdempotencyKey({ headers }: FastifyRequest): string | undefined {
  const key = headers["idempotency-key"];
  if (key === undefined) return undefined;
  const read = idempotencyKeySchema.safeParse(key);
  if (read.success) return read.data;
  throw new Refusal("invalid-handoff", "the Idempotency-Key is not one", {
    errors: [
      {
        pointer: "/idempotency-key",
        message: "send 1 to 255 printable ASCII characters in the header Idempotency-Key",
      },
    ],
  });
}
