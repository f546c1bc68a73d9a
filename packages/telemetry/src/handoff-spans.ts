/**
 * The spans of a handoff's way, with the names and attributes of OpenTelemetry's conventions (HTTP: stable; messaging:
 * in development). None has a contact id, a parameter or a token in it.
 */
import type { Span, SpanAttributes, SpanEnd, Tracing } from "./tracing.ts";

/** The queue, as spans name it. */
const DESTINATION = "handoffs";
/** Reads are polls, probes and scrapes: they belong to no handoff's way. */
const READS = new Set(["GET", "HEAD", "OPTIONS"]);
const SERVER_ERROR = 500;
const CLIENT_ERROR = 400;

/** RequestStart is a request as it begins; `route` is its pattern, undefined where none takes it. */
export interface RequestStart {
  readonly method: string;
  readonly route: string | undefined;
  readonly traceparent?: string | undefined;
}

/** RequestSpan is ended with the answer's status and what the request's log line says besides. */
export interface RequestSpan {
  readonly traceparent: string;
  end(status: number, facts: Readonly<Record<string, unknown>>): void;
}

/** createBeginWriteRequestSpan begins a span for each request that changes something: `POST /v1/handoffs`. */
export function createBeginWriteRequestSpan(tracing: Tracing): (request: RequestStart) => RequestSpan | undefined {
  return ({ method, route, traceparent }) => {
    if (READS.has(method)) return undefined;
    const span = tracing.start({
      name: route === undefined ? method : `${method} ${route}`,
      kind: "server",
      parent: traceparent,
      attributes: {
        "http.request.method": method,
        // The path itself may hold what a sender put into it.
        "url.path": route ?? "unmatched",
        "url.scheme": "http",
        ...(route === undefined ? {} : { "http.route": route }),
      },
    });
    return {
      traceparent: span.traceparent,
      end: (status, { handoffId, connectorId }) =>
        span.end({
          attributes: {
            "http.response.status_code": status,
            ...(typeof handoffId === "string" ? { "messaging.message.id": handoffId } : {}),
            ...(typeof connectorId === "string" ? { "baton.connector.id": connectorId } : {}),
          },
          error: status >= SERVER_ERROR ? String(status) : undefined,
        }),
    };
  };
}

/**
 * startAcceptanceSpan begins `send handoffs`, the span of one acceptance; what is sent of the handoff has it as parent.
 */
export function startAcceptanceSpan(tracing: Tracing, connectorId: string, parent: string | undefined): Span {
  return tracing.start({
    name: `send ${DESTINATION}`,
    kind: "producer",
    parent,
    attributes: { ...operation("send"), "baton.connector.id": connectorId },
  });
}

/**
 * describeAcceptanceSpanEnd is how `send handoffs` ends where the handoff was accepted. `link`: it was accepted before,
 * by that span.
 */
export function describeAcceptanceSpanEnd(handoffId: string, link: string | undefined): SpanEnd {
  return { attributes: { "messaging.message.id": handoffId }, link };
}

/** TracedAttempt is what a span says of an attempt. `since`: when the handoff fell due, epoch milliseconds. */
export interface TracedAttempt {
  readonly id: string;
  readonly connectorId: string;
  /** Counts from 1 over the handoff's whole life. */
  readonly number: number;
  /** Counts from 1 since the handoff was accepted or replayed. */
  readonly used: number;
  readonly since: number;
  /** Of the handoff's acceptance. */
  readonly traceparent: string | undefined;
  readonly isReplay: boolean;
  /** Of the request that replayed it, or started its run. */
  readonly replayTraceparent?: string;
}

/** AttemptSpan is `process handoffs`: the span of one attempt, and the parent of its requests to CXone. */
export interface AttemptSpan {
  readonly traceparent: string;
  /** Begins the span of one request to CXone. */
  request(request: SignalRequest): SignalRequestSpan;
  /** `isCounted`: the attempt is in the attempt log. One of which nothing was sent is not. */
  end(end: SpanEnd & { readonly isCounted: boolean }): void;
}

/** SignalRequest is one request to CXone. `template` is its path with names in place of values. */
export interface SignalRequest {
  readonly method: string;
  readonly origin: string;
  readonly template: string;
  /** How many requests of the same attempt went before it. */
  readonly resends: number;
}

/** SignalRequestSpan is the span of one request to CXone. */
export interface SignalRequestSpan {
  /** What goes with the request, so that CXone may join the trace. */
  readonly headers: { readonly traceparent: string };
  /** `status`: absent where there was no answer; `error`: what went wrong then. */
  end(answer: { readonly status?: number | undefined; readonly error?: string | undefined }): void;
}

/**
 * startAttemptSpan begins the span of an attempt. A retry belongs to the trace of the acceptance. A replay has a trace
 * of its own, which links to the acceptance and to the operator's request; all its attempts share it, whichever worker
 * makes them.
 */
export function startAttemptSpan(tracing: Tracing, attempt: TracedAttempt): AttemptSpan {
  const replay = attempt.isReplay ? startReplaySpan(tracing, attempt) : undefined;
  const span = tracing.start({
    name: `process ${DESTINATION}`,
    kind: "consumer",
    parent: replay?.traceparent ?? attempt.traceparent,
    attributes: { ...ofHandoff("process", attempt), "baton.attempt.number": attempt.number },
  });
  return {
    traceparent: span.traceparent,
    request: (request) => startRequestSpan(tracing, { ...request, parent: span.traceparent, number: attempt.number }),
    end({ isCounted, ...end }) {
      span.end(end);
      // Once: the first attempt of a replay that counts is the only one with this number.
      if (isCounted && attempt.used === 1) replay?.end({ endedAt: attempt.since });
    },
  };
}

/** startReplaySpan gives every attempt of one replay the same `send handoffs`, at the moment of the replay. */
function startReplaySpan(tracing: Tracing, attempt: TracedAttempt): Span {
  return tracing.start({
    name: `send ${DESTINATION}`,
    kind: "producer",
    links: [attempt.traceparent, attempt.replayTraceparent],
    seed: `${attempt.id} ${attempt.since}`,
    startedAt: attempt.since,
    attributes: { ...ofHandoff("send", attempt), "baton.replay": true },
  });
}

function startRequestSpan(
  tracing: Tracing,
  request: SignalRequest & { readonly parent: string; readonly number: number },
): SignalRequestSpan {
  const { method, origin, template, parent } = request;
  const resendCount = request.number - 1 + request.resends;
  const { hostname, port, protocol } = new URL(origin);
  const span = tracing.start({
    name: `${method} ${template}`,
    kind: "client",
    parent,
    attributes: {
      "http.request.method": method,
      "server.address": hostname,
      "server.port": Number(port) || (protocol === "https:" ? 443 : 80),
      // Without the contact's id and the parameters, which only CXone may see.
      "url.full": `${origin}${template}`,
      "url.template": template,
      ...(resendCount > 0 ? { "http.request.resend_count": resendCount } : {}),
    },
  });
  return {
    headers: { traceparent: span.traceparent },
    end({ status, error }) {
      const failed = status === undefined ? (error ?? "_OTHER") : status >= CLIENT_ERROR ? String(status) : undefined;
      span.end({ attributes: status === undefined ? {} : { "http.response.status_code": status }, error: failed });
    },
  };
}

function ofHandoff(name: "send" | "process", { id, connectorId }: TracedAttempt): SpanAttributes {
  return { ...operation(name), "messaging.message.id": id, "baton.connector.id": connectorId };
}

function operation(name: "send" | "process"): SpanAttributes {
  return {
    "messaging.system": "bullmq",
    "messaging.destination.name": DESTINATION,
    "messaging.operation.name": name,
    "messaging.operation.type": name,
  };
}
