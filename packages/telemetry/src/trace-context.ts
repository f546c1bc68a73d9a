/** `traceparent` (W3C Trace Context, version 00): what of it spans, log and metrics use. */

/** `00-<trace>-<span>-<flags>`, hexadecimal; the runtime checks what comes from outside. */
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
const SAMPLED = 1;

/** TraceContext names a span. `traceFlags`: bit 0 is set where its trace is exported. */
export interface TraceContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

/** parseTraceparent gives undefined for what is none. */
export function parseTraceparent(traceparent: unknown): TraceContext | undefined {
  if (typeof traceparent !== "string") return undefined;
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent) ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) };
}

export function formatTraceparent({ traceId, spanId, traceFlags }: TraceContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, "0")}`;
}

/** isSampled says whether a collector gets the trace. */
export function isSampled({ traceFlags }: TraceContext): boolean {
  return (traceFlags & SAMPLED) === SAMPLED;
}
