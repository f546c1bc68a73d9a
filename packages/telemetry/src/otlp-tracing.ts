/** Spans by OpenTelemetry's SDK, exported by OTLP over HTTP. Loaded only where an endpoint is given (tracing.ts). */
import { createHash, randomUUID } from "node:crypto";
import { type Link, ROOT_CONTEXT, SpanKind, type SpanOptions, SpanStatusCode, trace } from "@opentelemetry/api";
import { setGlobalErrorHandler } from "@opentelemetry/core";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { detectResources, envDetector, resourceFromAttributes } from "@opentelemetry/resources";
import {
  BatchSpanProcessor,
  type IdGenerator,
  ParentBasedSampler,
  RandomIdGenerator,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import pTimeout from "p-timeout";
import { formatTraceparent, parseTraceparent } from "./trace-context.ts";
import type { Span, SpanEnd, SpanStart, Tracing } from "./tracing.ts";

/**
 * How long a span that ended waits for others to leave with, milliseconds. A batch leaves as soon as it is full; while
 * the collector takes one, up to MAX_QUEUED wait in memory, and what comes beyond them is dropped.
 */
const GATHERED_MS = 1_000;
/** Writing a batch blocks the event loop: this many take about a millisecond. */
const BATCH_SIZE = 256;
/** About a kilobyte each. */
const MAX_QUEUED = 8_192;

const KINDS = {
  server: SpanKind.SERVER,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
  client: SpanKind.CLIENT,
} as const;

interface OtlpOptions {
  readonly endpoint: string;
  readonly service: string;
  readonly version: string;
  readonly ratio: number;
  /** How long `close` takes at most, milliseconds. */
  readonly closeMs: number;
  /** Called when spans could not be exported. */
  readonly onError: (error: unknown) => void;
}

/** createOtlpTracing opens no connection until the first batch leaves. */
export function createOtlpTracing({ endpoint, service, version, ratio, closeMs, onError }: OtlpOptions): Tracing {
  setGlobalErrorHandler(onError);
  const ids = new SeededIds();
  const own = { "service.name": service, "service.version": version, "service.instance.id": randomUUID() };
  const provider = new TracerProvider({
    resource: resourceFromAttributes(own).merge(detectResources({ detectors: [envDetector] })),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    idGenerator: ids,
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, "")}/v1/traces` }),
        scheduledDelayMillis: GATHERED_MS,
        maxExportBatchSize: BATCH_SIZE,
        maxQueueSize: MAX_QUEUED,
      }),
    ],
  });
  const tracer = provider.getTracer("baton", version);
  return {
    start(span) {
      const parent = contextOf(span.parent);
      const context = parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
      return openSpan(ids.seeded(span.seed, () => tracer.startSpan(span.name, optionsOf(span), context)));
    },
    async close() {
      const late = () => onError(new Error(`the collector did not take the last spans within ${closeMs} ms`));
      await pTimeout(provider.shutdown(), { milliseconds: closeMs, fallback: late }).catch(onError);
    },
  };
}

function optionsOf({ kind, links = [], startedAt, attributes }: SpanStart): SpanOptions {
  return {
    kind: KINDS[kind],
    links: links.flatMap(linksTo),
    ...(startedAt === undefined ? {} : { startTime: startedAt }),
    ...(attributes === undefined ? {} : { attributes }),
  };
}

function openSpan(span: ReturnType<ReturnType<TracerProvider["getTracer"]>["startSpan"]>): Span {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return {
    traceparent: formatTraceparent({ traceId, spanId, traceFlags }),
    end({ attributes, error, link, endedAt }: SpanEnd = {}) {
      if (attributes !== undefined) span.setAttributes(attributes);
      for (const each of linksTo(link)) span.addLink(each);
      if (error !== undefined) span.setAttribute("error.type", error).setStatus({ code: SpanStatusCode.ERROR });
      span.end(endedAt);
    },
  };
}

function linksTo(traceparent: string | undefined): Link[] {
  const context = contextOf(traceparent);
  return context === undefined ? [] : [{ context }];
}

function contextOf(traceparent: string | undefined) {
  const parsed = parseTraceparent(traceparent);
  return parsed === undefined ? undefined : { ...parsed, isRemote: true };
}

/** Half of a digest's hexadecimal characters are the trace's id, half of the rest the span's. */
const TRACE_ID = 32;
const SPAN_ID = 16;

/** SeededIds gives random ids, and those of a seed while a span is begun with one. */
class SeededIds implements IdGenerator {
  readonly #random = new RandomIdGenerator();
  #digest: string | undefined;

  seeded<T>(seed: string | undefined, begin: () => T): T {
    this.#digest = seed === undefined ? undefined : createHash("sha256").update(seed).digest("hex");
    try {
      return begin();
    } finally {
      this.#digest = undefined;
    }
  }

  generateTraceId(): string {
    return this.#digest?.slice(0, TRACE_ID) ?? this.#random.generateTraceId();
  }

  generateSpanId(): string {
    return this.#digest?.slice(TRACE_ID, TRACE_ID + SPAN_ID) ?? this.#random.generateSpanId();
  }
}
