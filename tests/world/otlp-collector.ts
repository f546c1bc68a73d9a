/** A collector for traces: OTLP over HTTP, as JSON, kept in memory. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished } from "vitest";

/** CollectedSpan is a span as it was exported; `kind` and `status` in OpenTelemetry's words. */
export interface CollectedSpan {
  readonly service: string;
  readonly name: string;
  readonly kind: string;
  readonly traceId: string;
  readonly spanId: string;
  /** '' where it begins its trace. */
  readonly parentSpanId: string;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly isError: boolean;
  readonly startedAt: number;
}

export interface Collector {
  /** What `OTEL_EXPORTER_OTLP_ENDPOINT` is set to. */
  readonly endpoint: string;
  /** All spans so far, by the moment they began. */
  spans(): readonly CollectedSpan[];
  /** Every body that arrived, as text. */
  bodies(): readonly string[];
  /** Resolves once there are `count` spans of that name. */
  until(name: string, count: number): Promise<readonly CollectedSpan[]>;
}

const KINDS = ["UNSPECIFIED", "INTERNAL", "SERVER", "CLIENT", "PRODUCER", "CONSUMER"];
const STATUS_ERROR = 2;
/** Spans are exported some seconds after they ended. */
const POLL = { timeout: 30_000, interval: 50 };

/** startCollector answers every export 200 at once, or takes it and never answers: `hangs`. */
export async function startCollector({ hangs = false } = {}): Promise<Collector> {
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      bodies.push(Buffer.concat(chunks).toString("utf8"));
      if (!hangs) response.writeHead(200, { "content-type": "application/json" }).end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const spans = () => bodies.flatMap(readSpans).toSorted((one, other) => one.startedAt - other.startedAt);
  const named = (name: string) => spans().filter((span) => span.name === name);
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    bodies: () => bodies,
    async until(name, count) {
      await expect.poll(() => named(name).length, POLL).toBeGreaterThanOrEqual(count);
      return named(name);
    },
  };
}

interface OtlpAttribute {
  readonly key: string;
  readonly value: Readonly<Record<string, unknown>>;
}

interface OtlpSpan {
  readonly name: string;
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[];
  readonly attributes: readonly OtlpAttribute[];
  readonly status: { readonly code?: number };
  readonly startTimeUnixNano: string;
}

interface OtlpBody {
  readonly resourceSpans: readonly {
    readonly resource: { readonly attributes: readonly OtlpAttribute[] };
    readonly scopeSpans: readonly { readonly spans: readonly OtlpSpan[] }[];
  }[];
}

function readSpans(body: string): readonly CollectedSpan[] {
  return (JSON.parse(body) as OtlpBody).resourceSpans.flatMap(({ resource, scopeSpans }) => {
    const service = String(attributesOf(resource.attributes)["service.name"]);
    return scopeSpans.flatMap(({ spans }) => spans.map((span) => readSpan(span, service)));
  });
}

function readSpan(span: OtlpSpan, service: string): CollectedSpan {
  return {
    service,
    name: span.name,
    kind: KINDS[span.kind] ?? String(span.kind),
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId ?? "",
    links: (span.links ?? []).map(({ traceId, spanId }) => ({ traceId, spanId })),
    attributes: attributesOf(span.attributes),
    isError: span.status.code === STATUS_ERROR,
    startedAt: Number(BigInt(span.startTimeUnixNano) / 1_000n) / 1_000,
  };
}

/** An attribute's value lies under the name of its type; whole numbers may be text. */
function attributesOf(attributes: readonly OtlpAttribute[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    attributes.map(({ key, value }) => [
      key,
      value.intValue === undefined ? Object.values(value)[0] : Number(value.intValue),
    ]),
  );
}
