/** The request log: one wide line for each request, with nothing of its body, query or headers. */
import type { Correlation } from "@baton/domain";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Log } from "./log-interface.ts";

/** CLIENT_LEFT is the status logged for a request whose client was gone before the answer (nginx's 499). */
const CLIENT_LEFT = 499;

/** ServedRequest is what everyone may know of a request: labels of a metric, fields of a log line. */
export interface ServedRequest {
  /** The route's pattern, such as `/v1/handoffs/:id`; `unmatched` where there was none. */
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly durationMs: number;
}

/** RequestSpan is a request's span in a trace; what the request causes has its `traceparent` for a parent. */
export interface RequestSpan {
  readonly traceparent: string;
  end(status: number, facts: Readonly<Record<string, unknown>>): void;
}

export interface RequestLogOptions {
  readonly log: Log;
  readonly onServed?: ((request: ServedRequest, correlation: Correlation) => void) | undefined;
}

interface OpenRequest {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly span: RequestSpan | undefined;
}

/** logRequestWhenServed writes a request's line, and ends its span, once its answer has left, or its client has. */
export function logRequestWhenServed(
  { log, onServed }: RequestLogOptions,
  { request, reply, span }: OpenRequest,
): void {
  const startedAt = performance.now();
  request.facts = {};
  reply.raw.once("close", () => {
    const served: ServedRequest = {
      route: request.routeOptions.url ?? "unmatched",
      method: request.method,
      status: reply.raw.writableEnded ? reply.statusCode : CLIENT_LEFT,
      durationMs: Math.round((performance.now() - startedAt) * 10) / 10,
    };
    onServed?.(served, request.correlation);
    span?.end(served.status, request.facts);
    log[levelOf(served.status, request)]({ ...served, ...request.correlation, ...request.facts }, "request");
  });
}

/**
 * levelOf keeps probes and scrapes out of the usual log: they come every few seconds and say nothing while all is well.
 */
function levelOf(status: number, request: FastifyRequest): keyof Log {
  if (status === 500) return "error";
  if (request.routeOptions.config.quiet === true) return "debug";
  return status === 503 ? "warn" : "info";
}
