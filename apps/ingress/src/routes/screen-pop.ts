/** The route of the screen pop: PolyAI's Handoff API, in its own words. */
import { handoffStateErrorSchema, handoffStateQuerySchema, handoffStateSchema } from "@baton/api";
import { PROBLEMS, Refusal } from "@baton/domain";
import type { HttpServer } from "@baton/runtime";
import type { FastifyReply, FastifyRequest } from "fastify";
import { z } from "zod";
import type { ReadAgentScreenPop } from "../read-agent-screen-pop.ts";
import { answerDeadlineFromNow } from "../request-answer-deadline.ts";

export interface ScreenPopRoutes {
  readonly readScreenPop: ReadAgentScreenPop;
  /** Browser origins that may read an answer. */
  readonly corsOrigins: readonly string[];
}

const PATH = "/v1/:accountId/:projectId/handoff_state";
/**
 * PREFLIGHT_SECONDS is how long a browser may remember that it is allowed; a change of the origins waits no longer than
 * that.
 */
const PREFLIGHT_SECONDS = 600;

/** What a desktop may send besides what every browser sends. */
const ALLOWED_HEADERS = "x-api-key, content-type, x-request-id, traceparent";

const stateParams = z.object({ accountId: z.string(), projectId: z.string() });
/**
 * The query is checked by the use case, after the key: a caller without one learns nothing else. The schema is what the
 * document shows.
 */
const skipValidation = { validatorCompiler: () => (value: unknown) => ({ value }) };

/** addScreenPopRoutes adds the route, and what browsers ask first. */
export function addScreenPopRoutes(app: HttpServer, { readScreenPop, corsOrigins }: ScreenPopRoutes): void {
  app.register(async (scope: HttpServer) => {
    scope.addHook("onRequest", async (request, reply) => allowOrigin(corsOrigins, request, reply));
    scope.setErrorHandler(refuseAsHandoffApi);
    scope.options(PATH, { schema: { hide: true } }, async (_request, reply) => {
      reply.header("access-control-allow-methods", "GET").header("access-control-allow-headers", ALLOWED_HEADERS);
      reply.code(204).header("access-control-max-age", PREFLIGHT_SECONDS);
    });
    const error = handoffStateErrorSchema;
    const schema = {
      tags: ["screen pop"],
      operationId: "getHandoffState",
      summary: "What was handed off with a call, for the agent's desktop",
      security: [{ screenPopKey: [] }],
      params: stateParams,
      querystring: handoffStateQuerySchema,
      response: { 200: handoffStateSchema, 400: error, 401: error, 403: error, 404: error, 500: error },
    };
    scope.get(PATH, { schema, ...skipValidation }, async (request, reply) => {
      const answerBy = answerDeadlineFromNow();
      const key = String(request.headers["x-api-key"] ?? "");
      const { id, handoff, data } = await readScreenPop({ ...request.params, key, query: request.query, answerBy });
      request.facts.handoffId = handoff.id;
      reply.header("cache-control", "no-store");
      return { id, ...(handoff.sharedId === undefined ? {} : { shared_id: handoff.sharedId }), data };
    });
  });
}

function allowOrigin(origins: readonly string[], request: FastifyRequest, reply: FastifyReply): void {
  const { origin } = request.headers;
  reply.header("vary", "Origin");
  if (origin === undefined || !origins.includes(origin)) return;
  reply
    .header("access-control-allow-origin", origin)
    .header("access-control-expose-headers", "x-request-id, traceparent");
}

/**
 * refuseAsHandoffApi answers in the Handoff API's words; a Redis that is away is a 500 there, since it knows nothing
 * else.
 */
function refuseAsHandoffApi(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const refusal =
    error instanceof Refusal
      ? error
      : new Refusal("internal", "the request failed for a reason of our own", { cause: error });
  const status = Math.min(PROBLEMS[refusal.code].status, 500);
  request.facts.problem = refusal.code;
  if (status === 500 && refusal.cause !== undefined) request.facts.err = refusal.cause;
  const message =
    refusal.code === "queue-unavailable" ? "the handoff state cannot be read just now; ask again" : refusal.message;
  void reply
    .code(status)
    .type("application/json")
    .serializer((body: unknown) => JSON.stringify(body))
    .send({ error_message: message });
}
