/** What is traced and counted of an acceptance. */
import { Refusal } from "@baton/domain";
import { isRedisUnavailable } from "@baton/redis/connection";
import { describeAcceptanceSpanEnd, startAcceptanceSpan, type Tracing } from "@baton/telemetry";
import type { onSendHookHandler } from "fastify";
import type { AcceptHandoff } from "./accept-handoff.ts";

/**
 * traceAcceptHandoff is `accept` with a span around it; what the worker does later has it as its parent, by the
 * record's `traceparent`.
 */
export function traceAcceptHandoff(accept: AcceptHandoff, tracing: Tracing): AcceptHandoff {
  return async (request) => {
    const span = startAcceptanceSpan(tracing, request.connector.id, request.correlation.traceparent);
    const correlation = { ...request.correlation, traceparent: span.traceparent };
    try {
      const accepted = await accept({ ...request, correlation });
      const { handoff, correlation: first } = accepted.stored;
      // A repeat accepts nothing: the handoff belongs to the trace of the request that came first.
      span.end(describeAcceptanceSpanEnd(handoff.id, accepted.replayed ? first?.traceparent : undefined));
      return accepted;
    } catch (error) {
      span.end({ error: reasonOf(error) });
      throw error;
    }
  };
}

/**
 * createCountRefusalHook makes a hook for `onSend` that counts the problem's slug of a request that was refused,
 * whatever turned it down: its token, its connector, the parser of its body or the use case.
 */
export function createCountRefusalHook(onRefused: (reason: string) => void): onSendHookHandler {
  return ({ facts: { problem } }, _reply, _payload, done) => {
    if (typeof problem === "string") onRefused(problem);
    done();
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.code;
  return isRedisUnavailable(error) ? "queue-unavailable" : "internal";
}
