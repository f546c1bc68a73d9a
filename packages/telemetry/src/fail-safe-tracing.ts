/** Tracing that keeps its own faults from what it traces: no request and no handoff fails for a span. */
import { randomBytes } from "node:crypto";
import { formatTraceparent } from "./trace-context.ts";
import type { Span, Tracing } from "./tracing.ts";

/** Lengths of a trace's and a span's id, bytes (W3C Trace Context). */
const TRACE_ID_BYTES = 16;
const SPAN_ID_BYTES = 8;

/**
 * createFailSafeTracing gives `tracing` whose spans never throw; `onError` gets what they would have thrown. A span
 * that cannot be begun is replaced by one that is not exported: what it causes belongs to its parent, or without a
 * parent to a trace that no collector gets.
 */
export function createFailSafeTracing(tracing: Tracing, onError: (error: unknown) => void): Tracing {
  return {
    start(begun) {
      try {
        return createFailSafeSpan(tracing.start(begun), onError);
      } catch (error) {
        onError(error);
        return { traceparent: begun.parent ?? createUnsampledTraceparent(), end() {} };
      }
    },
    close: () => tracing.close(),
  };
}

function createFailSafeSpan(span: Span, onError: (error: unknown) => void): Span {
  return {
    traceparent: span.traceparent,
    end(ended) {
      try {
        span.end(ended);
      } catch (error) {
        onError(error);
      }
    },
  };
}

function createUnsampledTraceparent(): string {
  return formatTraceparent({
    traceId: randomBytes(TRACE_ID_BYTES).toString("hex"),
    spanId: randomBytes(SPAN_ID_BYTES).toString("hex"),
    traceFlags: 0,
  });
}
