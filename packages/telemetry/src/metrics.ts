/** Metrics: every name and its labels, typed. No contact id, number or free text is ever a label. */
import {
  type AttemptOutcome,
  type Correlation,
  DEAD_REASONS,
  type DeadReason,
  type HandoffStatus,
} from "@baton/domain";
import pTimeout from "p-timeout";
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry, type RegistryContentType } from "prom-client";
import { ConnectorLabels } from "./connector-metric-labels.ts";
import { createDurationHistograms, type Seconds, type ServedRequest } from "./duration-histograms.ts";
import {
  type AnyRegistry,
  type Exposition,
  formatRegistriesAsExposition,
  wantsOpenMetrics,
} from "./metrics-exposition.ts";
import { createQueueGauges, type QueueFigures } from "./queue-gauges.ts";

/** REDIS_BUCKETS in seconds, from Redis beside the process to one that is about to be given up on (0.8 s). */
const REDIS_BUCKETS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1];
/**
 * Node's own that are named like counters and are none, as `promtool check metrics` says; each has a twin by type,
 * without `_total`.
 */
const MISNAMED = ["nodejs_active_handles_total", "nodejs_active_requests_total", "nodejs_active_resources_total"];
/**
 * READ_MS is how long a scrape waits for the queue's figures: below Prometheus's usual 10 s, above any Redis that is
 * well.
 */
const READ_MS = 2_000;

/** Count adds one, or `by`, to the counter with these labels. */
export interface Count<Labels extends object> {
  inc(labels: Labels, by?: number): void;
}
/**
 * Metrics are one process's own. `connector` is a connector's id; past a thousand of them the rest are counted together
 * (connector-metric-labels.ts).
 */
export interface Metrics {
  /** `baton_handoffs_accepted_total` */
  readonly handoffsAccepted: Count<{ connector: string }>;
  /** `baton_handoffs_refused_total`; `reason` is a problem's slug. */
  readonly handoffsRefused: Count<{ reason: string }>;
  /** `baton_handoffs_ended_total`; `reason` is empty unless dead. */
  readonly handoffsEnded: Count<{ connector: string; status: HandoffStatus; reason: DeadReason | "" }>;
  /** `baton_attempts_total` */
  readonly attempts: Count<{ connector: string; outcome: AttemptOutcome }>;
  /** `baton_possible_duplicates_total` */
  readonly possibleDuplicates: Count<{ connector: string }>;
  /** `baton_replays_total`; `result` is `replayed`, or why it was not. */
  readonly replays: Count<{ result: string }>;
  /** `baton_token_requests_total` */
  readonly tokenRequests: Count<{ connector: string; result: "granted" | "refused" | "unavailable" }>;
  /** `baton_stalled_total`: jobs whose worker died. */
  readonly stalled: { inc(by?: number): void };
  /** `baton_reconciled_total`: handoffs that had lost their job. */
  readonly reconciled: { inc(by?: number): void };
  /** `baton_delivery_seconds`: due → CXone answered 2xx; replays count from their replay. */
  readonly deliverySeconds: Seconds<{ connector: string }>;
  /** `baton_signal_seconds`: one signal, answered or not. */
  readonly signalSeconds: Seconds<{ connector: string }>;
  /** `baton_first_attempt_wait_seconds`: due → the first attempt began. */
  readonly firstAttemptWaitSeconds: Seconds<{ connector: string }>;
  /** `baton_http_request_seconds`, of a request that has been served. */
  readonly observeRequest: (served: ServedRequest, correlation: Correlation) => void;
  /**
   * observeRedis gives `baton_redis_up` and `baton_clock_offset_seconds` on each scrape, and
   * `baton_redis_round_trip_seconds` of each heartbeat.
   */
  observeRedis(heartbeat: ObservedHeartbeat): void;
  /** connectors are the ids of those that something was counted of. */
  connectors(): readonly string[];
  /** forgetConnectors drops all that was counted of deleted connectors. */
  forgetConnectors(connectorIds: readonly string[]): Promise<void>;
  /** Worker only: `baton_worker_slots_limit`, and `baton_worker_slots_used` as `used` says on each scrape. */
  registerWorkerSlots(limit: number, used: () => number): void;
  /**
   * Admin only: `read` is asked on each scrape; when it fails or takes over 2 s, the scrape answers without its gauges.
   */
  registerQueueGauges(read: () => Promise<QueueFigures>): void;
  /**
   * Everything, in Prometheus's text format; in OpenMetrics, with exemplars, where they are kept and `accept` asks for
   * it. Never rejects because of Redis.
   */
  expose(accept?: string): Promise<Exposition>;
}

export interface MetricsOptions {
  readonly version: string;
  /** Histograms keep the last trace of each bucket; false unless said. */
  readonly hasExemplars?: boolean;
}

/** ObservedHeartbeat is what the metrics read of a process's heartbeat. */
export interface ObservedHeartbeat {
  /** Redis answers. */
  readonly up: boolean;
  /** Redis's clock minus this process's, milliseconds. */
  readonly offsetMs: number;
  /** Calls `observe` after each heartbeat, with how long one script took; undefined where it failed. */
  onHeartbeat(observe: (roundTripMs: number | undefined) => void): void;
}

/** A timer of this length measures the event loop's lag; prom-client's own of 10 wakes an idle process all the time. */
const LAG_RESOLUTION_MS = 50;

/** createMetrics makes a process's metrics, in a registry of their own, with Node's usual ones beside them. */
export function createMetrics({ version, hasExemplars = false }: MetricsOptions): Metrics {
  const registry = createRegistry(hasExemplars);
  const labels = new ConnectorLabels();
  let readQueue: (() => Promise<QueueFigures>) | undefined;
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: LAG_RESOLUTION_MS });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  createGauge(registry, "baton_build_info", "The version that runs, as a label", ["version"]).set({ version }, 1);
  return {
    ...createCounters(registry, labels),
    ...createDurationHistograms({ registry, labels, hasExemplars }),
    connectors: () => labels.ids(),
    forgetConnectors: (connectorIds) => labels.forget(connectorIds),
    observeRedis: (heartbeat) => observeRedis(registry, heartbeat),
    registerWorkerSlots: (limit, used) => registerWorkerSlots(registry, limit, used),
    registerQueueGauges(read) {
      readQueue = read;
    },
    async expose(accept) {
      const figures = readQueue === undefined ? undefined : await figuresInTime(readQueue);
      const registries = figures === undefined ? [registry] : [registry, createQueueGauges(figures)];
      const isOpenMetrics = hasExemplars && wantsOpenMetrics(accept);
      return formatRegistriesAsExposition(
        registries,
        isOpenMetrics ? OPENMETRICS_CONTENT_TYPE : PROMETHEUS_CONTENT_TYPE,
      );
    },
  };
}

const { OPENMETRICS_CONTENT_TYPE, PROMETHEUS_CONTENT_TYPE } = Registry;

/** createRegistry: prom-client keeps exemplars in a registry of OpenMetrics only. */
function createRegistry(hasExemplars: boolean): AnyRegistry {
  const registry = new Registry<RegistryContentType>();
  registry.setContentType(hasExemplars ? OPENMETRICS_CONTENT_TYPE : PROMETHEUS_CONTENT_TYPE);
  return registry;
}

function observeRedis(registry: AnyRegistry, heartbeat: ObservedHeartbeat): void {
  const roundTrips = new Histogram({
    name: "baton_redis_round_trip_seconds",
    help: "One script in Redis and its answer, once a second",
    buckets: REDIS_BUCKETS,
    registers: [registry],
  });
  heartbeat.onHeartbeat((roundTripMs) => roundTripMs !== undefined && roundTrips.observe(roundTripMs / 1_000));
  readOnScrape(registry, "baton_redis_up", { help: "1 while Redis answers", read: () => (heartbeat.up ? 1 : 0) });
  readOnScrape(registry, "baton_clock_offset_seconds", {
    help: "This process's clock minus Redis's",
    read: () => -heartbeat.offsetMs / 1_000,
  });
}

function registerWorkerSlots(registry: AnyRegistry, limit: number, used: () => number): void {
  createGauge(registry, "baton_worker_slots_limit", "Handoffs that this worker may send at once").set(limit);
  readOnScrape(registry, "baton_worker_slots_used", { help: "Handoffs that this worker sends now", read: used });
}

/** readOnScrape adds a gauge whose value is read on each scrape. */
function readOnScrape(
  registry: AnyRegistry,
  name: string,
  { help, read }: { readonly help: string; readonly read: () => number },
): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}

function createCounters(registry: AnyRegistry, labels: ConnectorLabels) {
  const counter = <Label extends string>(name: string, help: string, labelNames: readonly Label[] = []) =>
    new Counter({ name, help, labelNames, registers: [registry] });
  const ofConnector = <Label extends string = never>(name: string, help: string, more: readonly Label[] = []) =>
    countByConnector(counter(name, help, ["connector", ...more]), labels);
  const ended = counter("baton_handoffs_ended_total", "Handoffs that ended", ["connector", "status", "reason"]);
  const duplicates = counter("baton_possible_duplicates_total", "Handoffs sent again after one that may have arrived", [
    "connector",
  ]);
  const refused = counter("baton_handoffs_refused_total", "Handoffs refused, by problem", ["reason"]);
  for (const reason of ALERTED_REFUSALS) refused.inc({ reason }, 0);
  return {
    handoffsAccepted: ofConnector("baton_handoffs_accepted_total", "Handoffs answered 202"),
    handoffsRefused: refused,
    handoffsEnded: countByConnector(
      showFromZero(
        ended,
        labels,
        DEAD_REASONS.map((reason) => ({ status: "dead", reason })),
      ),
      labels,
    ),
    attempts: ofConnector("baton_attempts_total", "Attempts that ended, by outcome", ["outcome"]),
    possibleDuplicates: countByConnector(showFromZero(duplicates, labels, [{}]), labels),
    replays: counter("baton_replays_total", "Replays asked for, by result", ["result"]),
    tokenRequests: ofConnector("baton_token_requests_total", "Requests to CXone's token endpoint, by result", [
      "result",
    ]),
    stalled: counter("baton_stalled_total", "Jobs whose worker died"),
    reconciled: counter("baton_reconciled_total", "Handoffs that had lost their job and got a new one"),
  };
}

/** Refusals that raise an alert (BatonRefusing). */
const ALERTED_REFUSALS = ["backlog-full", "queue-unavailable"] as const;

/**
 * showFromZero shows these series of a connector at 0 from the first that is counted of it: Prometheus does not see a
 * series rise that begins at what it rose to, and the first outage would raise no alert.
 */
function showFromZero<Label extends string>(
  counter: Counter<Label | "connector">,
  labels: ConnectorLabels,
  series: readonly Partial<Record<Label, string>>[],
) {
  labels.onNew((connector) => {
    for (const one of series) counter.inc({ connector, ...one } as Record<Label | "connector", string>, 0);
  });
  return counter;
}

function countByConnector<Label extends string>(counter: Counter<Label | "connector">, labels: ConnectorLabels) {
  labels.register(counter);
  return {
    inc(of: { readonly [name in Label | "connector"]: string }, by?: number) {
      const connector = labels.labelOf(of.connector);
      counter.inc(connector === of.connector ? of : { ...of, connector }, by);
    },
  };
}

function createGauge<Label extends string>(
  registry: AnyRegistry,
  name: string,
  help: string,
  labelNames: readonly Label[] = [],
): Gauge<Label> {
  return new Gauge({ name, help, labelNames, registers: [registry] });
}

async function figuresInTime(read: () => Promise<QueueFigures>): Promise<QueueFigures | undefined> {
  try {
    return await pTimeout(read(), { milliseconds: READ_MS, fallback: () => undefined });
  } catch {
    // `baton_redis_up` shows why these series are missing; a scrape must not fail for it.
    return undefined;
  }
}
