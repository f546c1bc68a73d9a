/** Exposition: metrics as a scraper asks for them. Exemplars exist in OpenMetrics only. */
import { type Metric, Registry, type RegistryContentType } from "prom-client";
import { isSampled, parseTraceparent } from "./trace-context.ts";

/** Exposition is the answer to a scrape, with its media type. */
export interface Exposition {
  readonly type: string;
  readonly text: string;
}

/** AnyRegistry writes either format. */
export type AnyRegistry = Registry<RegistryContentType>;

/** wantsOpenMetrics reads a scrape's `Accept`: Prometheus offers it since 2.5. */
export function wantsOpenMetrics(accept: string | undefined): boolean {
  return accept?.includes("application/openmetrics-text") ?? false;
}

/** formatRegistriesAsExposition writes all registries as one, whatever their own formats. */
export async function formatRegistriesAsExposition(
  registries: readonly AnyRegistry[],
  type: RegistryContentType,
): Promise<Exposition> {
  const together: AnyRegistry = new Registry<RegistryContentType>();
  together.setContentType(type);
  for (const metric of registries.flatMap((registry) => registry.getMetricsAsArray())) {
    // For OpenMetrics prom-client takes `_total` off a counter's name, and leaves it off: so off a descendant's name.
    together.registerMetric(Object.create(metric) as Metric);
  }
  return { type, text: await together.metrics() };
}

/** exemplarOfTraceparent names the trace that a measurement belongs to; {} where no collector has it. */
export function exemplarOfTraceparent(traceparent: string | undefined): Readonly<Record<string, string>> {
  const trace = parseTraceparent(traceparent);
  if (trace === undefined || !isSampled(trace)) return {};
  return { trace_id: trace.traceId, span_id: trace.spanId };
}
