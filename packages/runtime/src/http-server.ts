/** The HTTP server that every process starts from: strict JSON in, problems out, one log line a request. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { type Correlation, PROBLEMS, type ProblemCode } from "@baton/domain";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type RawServerDefault,
} from "fastify";
import { serializerCompiler, type ZodTypeProvider } from "fastify-type-provider-zod";
import { checkHostAndExpectHeaders } from "./check-host-and-expect-headers.ts";
import { createHttpParserErrorHandler, type HttpParserErrorHandler } from "./http-parser-error.ts";
import { refuseBrokenOffBodies } from "./malformed-http-connection.ts";
import { refusalOfError, sendProblem } from "./problem-response.ts";
import { correlationOfRequest, requestIdOf } from "./request-correlation.ts";
import { logRequestWhenServed, type RequestLogOptions, type RequestSpan } from "./request-log.ts";
import { acceptOnlyJsonBodies, issuesOf, type ToIssues, validateInputBySchemas } from "./request-validation.ts";
import { createRouteMethodTable, type RouteMethodTable } from "./route-method-table.ts";

declare module "fastify" {
  interface FastifyContextConfig {
    /** What a body that does not fit its schema is refused as; `invalid-request` unless said. */
    problem?: ProblemCode;
    /** Logged at debug only: probes and scrapes. */
    quiet?: boolean;
  }
  interface FastifyRequest {
    /** What the request's log line says besides: ids and verdicts, never a token, a parameter or a context. */
    facts: Record<string, unknown>;
    /** What it is known by: kept with what it brings, and in every line of the log that it causes. */
    correlation: Correlation;
  }
}

/** BODY_LIMIT is the largest body taken unless a route says otherwise: 64 KiB, twice what the largest context takes. */
const BODY_LIMIT = 64 * 1024;
/**
 * MAX_NAME_LENGTH in characters, of one part of a path that stands for something: as long as an account's or a
 * project's name may be.
 */
const MAX_NAME_LENGTH = 128;
/** RECEIVE_MS is how long a client may take to send one request: a slow one does not hold its socket for longer. */
const RECEIVE_MS = 30_000;
/** RECEIVE_CHECKS: Node looks so often within that time whether it is over. */
const RECEIVE_CHECKS = 10;
/** While closing, how often connections are looked for that have had their last answer. Milliseconds. */
const DROP_IDLE_MS = 50;

export interface HttpServerOptions extends RequestLogOptions {
  /** Addresses or ranges whose `X-Forwarded-For` counts; none unless said. */
  readonly trustedProxies?: readonly string[];
  /** Bytes; BODY_LIMIT unless said. A route's own `bodyLimit` overrides it. */
  readonly bodyLimit?: number;
  /** Milliseconds; RECEIVE_MS unless said. */
  readonly receiveMs?: number;
  /** Words an invalid input's `errors`; zod's own messages unless said. */
  readonly toIssues?: ToIssues;
  /** Begins a request's span; gives undefined for one that is not traced. No request is traced without it. */
  readonly beginSpan?: ((request: TracedRequest) => RequestSpan | undefined) | undefined;
}

/** TracedRequest is a request as it begins; `route` is the route's pattern, undefined where there is none. */
interface TracedRequest {
  readonly method: string;
  readonly route: string | undefined;
  /** As it came. */
  readonly traceparent?: string | undefined;
}

/** HttpServer is a Fastify instance whose routes are typed by their zod schemas. */
export type HttpServer = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/**
 * createHttpServer makes a server without routes.
 *
 * A route throws a Refusal to turn a request down; anything else it throws is a 500 whose cause only the log has.
 * `config.problem` names what an invalid body is refused as. Every answer carries `X-Request-Id`, the log
 * line's `requestId`, and the `traceparent` that it came with, or that of its span where it came with none.
 */
export function createHttpServer({
  trustedProxies = [],
  bodyLimit = BODY_LIMIT,
  receiveMs = RECEIVE_MS,
  toIssues = issuesOf,
  beginSpan,
  ...logging
}: HttpServerOptions): HttpServer {
  const app = Fastify({
    bodyLimit,
    requestTimeout: receiveMs,
    http: {
      // The time for the head is within that of the request: Node takes the longer of the two for the request's.
      headersTimeout: receiveMs,
      connectionsCheckingInterval: receiveMs / RECEIVE_CHECKS,
      // checkHostAndExpectHeaders refuses a request without it.
      requireHostHeader: false,
    },
    routerOptions: { maxParamLength: MAX_NAME_LENGTH },
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    genReqId: ({ headers }) => requestIdOf(headers["x-request-id"]),
    // A client with an open connection gets a correct answer while we close, and `Connection: close`.
    return503OnClosing: false,
    frameworkErrors(error, request, reply) {
      begin(request, reply);
      refuse(error, request, reply);
    },
    clientErrorHandler: (error, socket) => clientErrors.answer(error, socket),
  }).withTypeProvider<ZodTypeProvider>();
  const begin = (request: FastifyRequest, reply: FastifyReply) => {
    const came = correlationOfRequest(request.id, request.headers);
    const span = beginSpan?.({
      method: request.method,
      route: request.routeOptions.url,
      traceparent: came.traceparent,
    });
    request.correlation = span === undefined ? came : { ...came, traceparent: span.traceparent };
    logRequestWhenServed(logging, { request, reply, span });
    const traceparent = came.traceparent ?? span?.traceparent;
    reply.header("x-request-id", request.id);
    if (traceparent !== undefined) reply.header("traceparent", traceparent);
  };
  const routes = createRouteMethodTable(app);
  const clientErrors: HttpParserErrorHandler = createHttpParserErrorHandler(routes.refusalFor, logging);
  app.server.on("connect", clientErrors.answerConnect);
  refuseBrokenOffBodies(app);
  acceptOnlyJsonBodies(app);
  validateInputBySchemas(app, toIssues);
  app.setSerializerCompiler(serializerCompiler);
  app.decorateRequest("facts");
  app.decorateRequest("correlation");
  app.addHook("onRequest", (request, reply, done) => {
    begin(request, reply);
    done();
  });
  checkHostAndExpectHeaders(app);
  app.addHook("preClose", async () => dropIdleConnections(app.server));
  refuseUnmatchedRequests(app, routes, begin);
  return app;
}

/**
 * refuseUnmatchedRequests turns down what no route takes before its body is looked at: alike, whatever came with it.
 */
function refuseUnmatchedRequests(
  app: HttpServer,
  { refusalFor, belongsToStaticRoute }: RouteMethodTable,
  begin: (request: FastifyRequest, reply: FastifyReply) => void,
): void {
  const refusalOfUnmatched = (request: FastifyRequest, reply: FastifyReply) => {
    const { refusal, allow } = refusalFor(request.url, request.method);
    if (allow !== undefined) reply.header("allow", allow);
    return refusal;
  };
  app.addHook("onRequest", (request, reply, done) => {
    if (request.is404 || belongsToStaticRoute(request.routeOptions.url, request.url))
      throw refusalOfUnmatched(request, reply);
    done();
  });
  app.setNotFoundHandler((request, reply) => {
    throw refusalOfUnmatched(request, reply);
  });
  app.setErrorHandler((error, request, reply) => {
    // A method that Fastify does not know yet gets here without any hook.
    if (codeOf(error) !== "FST_ERR_NOT_FOUND") return refuse(error, request, reply);
    begin(request, reply);
    refuse(refusalOfUnmatched(request, reply), request, reply);
  });
}

/**
 * dropIdleConnections keeps a client that has had its answer from holding up the close with a connection it might use
 * again.
 */
function dropIdleConnections(server: Server): void {
  const timer = setInterval(() => server.closeIdleConnections(), DROP_IDLE_MS);
  server.once("close", () => clearInterval(timer));
}

/** refuse answers with a problem and leaves in the log what the caller does not get to see. */
function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const refusal = refusalOfError(error, request);
  request.facts.problem = refusal.code;
  if (refusal.cause !== undefined && PROBLEMS[refusal.code].status >= 500) request.facts.err = refusal.cause;
  sendProblem(refusal, request, reply);
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}
