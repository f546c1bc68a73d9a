/** What is traced and counted of an acceptance. */
import { Refusal } from "@baton/domain";
import { isUnavailable } from "@baton/redis/connection";
import { sendEnd, startSendSpan, type Tracing } from "@baton/telemetry";
import type { AcceptHandoff } from "./accept-handoff.ts";

/**
 * traceAcceptHandoff is `accept` with a span around it; what the worker does later has it as its parent, by the
 * record's `traceparent`.
 */
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

/** countRefusals gives what `accept` gives; of what it throws, it counts the problem's slug first. */
export async function countRefusals<T>(onRefused: (reason: string) => void, accept: () => Promise<T>): Promise<T> {
  try {
    return await accept();
  } catch (error) {
    onRefused(error instanceof Refusal ? error.code : "internal");
    throw error;
  }
}

function reasonOf(error: unknown): string {
  if (error instanceof Refusal) return error.code;
  return isUnavailable(error) ? "queue-unavailable" : "internal";
}
