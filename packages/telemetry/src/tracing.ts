/** Tracing: how a process begins and ends spans. Where no endpoint is given there is none, and nothing is loaded. */
import { createFailSafeTracing } from "./fail-safe-tracing.ts";

export type SpanAttributes = Readonly<Record<string, string | number | boolean>>;

/** SpanStart is how a span begins. `parent` and `links` are `traceparent`s (W3C Trace Context). */
export interface SpanStart {
  readonly name: string;
  readonly kind: "server" | "producer" | "consumer" | "client";
  /** What caused it; a span without a parent begins a trace. */
  readonly parent?: string | undefined;
  /** What it belongs to without being its child; undefined ones are left out. */
  readonly links?: readonly (string | undefined)[];
  /** For a span without a parent: its ids are a digest of it, so that several processes name the same span. */
  readonly seed?: string;
  /** Epoch milliseconds; now unless given. */
  readonly startedAt?: number;
  readonly attributes?: SpanAttributes;
}

/** SpanEnd is what is known at the end. */
export interface SpanEnd {
  readonly attributes?: SpanAttributes;
  /** What went wrong, as one word of few: `error.type`. */
  readonly error?: string | undefined;
  /** A `traceparent` that became known only now: see SpanStart. */
  readonly link?: string | undefined;
  /** Epoch milliseconds; now unless given. */
  readonly endedAt?: number;
}

/** Span is an open span. One that is never ended is never exported. */
export interface Span {
  /** What this span causes takes it as its parent. */
  readonly traceparent: string;
  end(end?: SpanEnd): void;
}

/** Tracing begins spans, and exports those that ended in the background. */
export interface Tracing {
  start(span: SpanStart): Span;
  /** Exports what has ended, as far as that is possible within the time to close. Never rejects. */
  close(): Promise<void>;
}

export interface TracingOptions {
  readonly config: {
    /** The collector's address, without `/v1/traces`. */
    readonly OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
    /** Which part of the traces that begin here is exported, 0 to 1; a caller's choice holds. */
    readonly OTEL_TRACES_SAMPLER_ARG: number;
    readonly BATON_SHUTDOWN_MS: number;
  };
  /** `service.name`, unless `OTEL_SERVICE_NAME` says another. */
  readonly service: string;
  readonly version: string;
  readonly life: { onClose(name: string, close: () => unknown): void };
  readonly log: { warn(fields: object, message: string): void };
}

/** The last spans leave within so long, milliseconds, and within this part of the time to shut down. */
const CLOSE_MS = 2_000;
const CLOSE_PART = 1 / 4;
/** While the collector is away, the log says so once in so long. Milliseconds. */
const LOG_INTERVAL_MS = 60_000;

/**
 * openTracing loads OpenTelemetry where an endpoint is given, and gives undefined where none is. Neither beginning nor
 * ending a span throws.
 */
export async function openTracing(options: TracingOptions): Promise<Tracing | undefined> {
  const { config, life, log, service, version } = options;
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_TRACES_SAMPLER_ARG: ratio, BATON_SHUTDOWN_MS } = config;
  if (endpoint === undefined) return undefined;
  const { createOtlpTracing } = await import("./otlp-tracing.ts");
  const closeMs = Math.min(CLOSE_MS, BATON_SHUTDOWN_MS * CLOSE_PART);
  const onError = createFaultLog(log);
  const otlp = createOtlpTracing({ endpoint, ratio, service, version, closeMs, onError });
  const tracing = createFailSafeTracing(otlp, onError);
  life.onClose("traces", () => tracing.close());
  return tracing;
}

function createFaultLog(log: TracingOptions["log"]): (error: unknown) => void {
  let loggedAt = Number.NEGATIVE_INFINITY;
  return (err) => {
    const now = performance.now();
    if (now - loggedAt < LOG_INTERVAL_MS) return;
    loggedAt = now;
    log.warn({ err }, "spans could not be exported; they are lost");
  };
}
