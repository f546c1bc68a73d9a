/** `traceparent` (W3C Trace Context, version 00): what of it spans, log and metrics use. */

/** `00-<trace>-<span>-<flags>`, hexadecimal: where each part begins, and how long all of it is. */
const TRACE_AT = 3;
const SPAN_AT = 36;
const FLAGS_AT = 53;
const LENGTH = 55;
const SAMPLED = 1;

/** TraceContext names a span. `traceFlags`: bit 0 is set where its trace is exported. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

/**
 * parseTraceparent takes one apart; undefined where there is none. The runtime has checked what comes from outside, and
 * a span has this done several times: nothing is matched here.
 */
export function parseTraceparent(traceparent: unknown): TraceContext | undefined {
  if (typeof traceparent !== "string" || traceparent.length !== LENGTH) return undefined;
  return {
    traceId: traceparent.slice(TRACE_AT, SPAN_AT - 1),
    spanId: traceparent.slice(SPAN_AT, FLAGS_AT - 1),
    traceFlags: Number.parseInt(traceparent.slice(FLAGS_AT), 16),
  };
}

/** formatTraceparent writes the header of version 00. */
export function formatTraceparent({ traceId, spanId, traceFlags }: TraceContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

/** isSampled says whether a collector gets the trace. */
export function isSampled({ traceFlags }: TraceContext): boolean {
  return (traceFlags & SAMPLED) === SAMPLED;
}
