/** The histograms of what handoffs and requests take, with exemplars where traces are on. */
import type { Correlation } from "@baton/domain";
import { Histogram, type LabelValues } from "prom-client";
import type { ConnectorLabels } from "./connector-metric-labels.ts";
import { type AnyRegistry, exemplarOfTraceparent } from "./metrics-exposition.ts";

/**
 * BUCKETS in seconds. 5 ms is the best that one signal over a good line takes, 60 s the default deadline;
 * between them about two and a half times each, as far apart as an operator's question "how much slower?".
 */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60] as const;

/** Seconds takes one measurement, in seconds. `traceparent`: of the span that it belongs to, for an exemplar. */
export interface Seconds<Labels extends object> {
  observe(labels: Labels, seconds: number, traceparent?: string): void;
}

/** ServedRequest is what a metric says of a request. */
export interface ServedRequest {
  readonly route: string;
  readonly method: string;
  readonly status: number;
  readonly durationMs: number;
}

interface DurationHistogramOptions {
  readonly registry: AnyRegistry;
  readonly labels: ConnectorLabels;
  readonly hasExemplars: boolean;
}

/** createDurationHistograms registers them. */
export function createDurationHistograms({ registry, labels, hasExemplars }: DurationHistogramOptions) {
  const histogram = <Label extends string>(name: string, help: string, labelNames: readonly Label[]) =>
    new Histogram({
      name,
      help,
      labelNames,
      buckets: [...BUCKETS],
      registers: [registry],
      enableExemplars: hasExemplars,
    });
  const ofConnector = (name: string, help: string) => timeByConnector(histogram(name, help, ["connector"]), labels);
  const requests = histogram("baton_http_request_seconds", "HTTP requests served", ["route", "method", "status"]);
  return {
    deliverySeconds: ofConnector("baton_delivery_seconds", "From due to CXone's 2xx"),
    signalSeconds: ofConnector("baton_signal_seconds", "One signal to CXone, answered or not"),
    firstAttemptWaitSeconds: ofConnector(
      "baton_first_attempt_wait_seconds",
      "From due to the begin of the first attempt",
    ),
    observeRequest: ({ route, method, status, durationMs }: ServedRequest, { traceparent }: Correlation) =>
      observe(requests, {
        labels: { route, method, status: String(status) },
        seconds: durationMs / 1_000,
        traceparent,
      }),
  };
}

function timeByConnector(histogram: Histogram<"connector">, labels: ConnectorLabels): Seconds<{ connector: string }> {
  labels.register(histogram);
  return {
    observe: ({ connector }, seconds, traceparent) =>
      observe(histogram, { labels: { connector: labels.labelOf(connector) }, seconds, traceparent }),
  };
}

interface Measurement<Label extends string> {
  readonly labels: Readonly<Record<Label, string>>;
  readonly seconds: number;
  readonly traceparent: string | undefined;
}

/** observe: with exemplars, a histogram takes its measurements in another form. */
function observe<Label extends string>(
  histogram: Histogram<Label>,
  { labels, seconds, traceparent }: Measurement<Label>,
): void {
  if ("enableExemplars" in histogram && histogram.enableExemplars === true) {
    const exemplarLabels = exemplarOfTraceparent(traceparent) as LabelValues<Label>;
    histogram.observe({ labels, value: seconds, exemplarLabels });
  } else histogram.observe(labels, seconds);
}
