/** The span of an acceptance: what the worker does later has it as its parent, by the record's `traceparent`. */
import { Refusal } from "@baton/domain";
import { isUnavailable } from "@baton/redis/connection";
import { sendEnd, startSendSpan, type Tracing } from "@baton/telemetry";
import type { AcceptHandoff } from "./accept-handoff.ts";

/** traceAcceptHandoff is `accept` with a span around it. */
export function traceAcceptHandoff(accept: AcceptHandoff, tracing: Tracing): AcceptHandoff {
  return async (request) => {
    const span = startSendSpan(tracing, request.connector.id, request.correlation.traceparent);
    const correlation = { ...request.correlation, traceparent: span.traceparent };
    try {
      const accepted = await accept({ ...request, correlation });
      const { handoff, correlation: first } = accepted.stored;
      // A repeat accepts nothing: the handoff belongs to the trace of the request that came first.
      span.end(sendEnd(handoff.id, accepted.replayed ? first?.traceparent : undefined));
      return accepted;
    } catch (error) {
      span.end({ error: reasonOf(error) });
      throw error;
    }
  };
}

function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.code;
  return isUnavailable(error) ? "queue-unavailable" : "internal";
}
