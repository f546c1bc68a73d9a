/** Health: what probes and scrapers ask every process. */
import { Refusal } from "@baton/domain";
import pTimeout from "p-timeout";
import { z } from "zod";
import type { HttpServer } from "./http-server.ts";
import type { Log } from "./log-interface.ts";
import type { Lifecycle } from "./process-lifecycle.ts";

/** READY_MS is how long readiness is asked for before the answer is no: a Redis that hangs must not hang the probe. */
const READY_MS = 500;
/** RETRY_AFTER_MS: probes come every few seconds by themselves. */
const RETRY_AFTER_MS = 1_000;
/** Readiness: `detail` says why a process is not ready, and what would help. */
interface Readiness {
  readonly ok: boolean;
  readonly detail: string;
}

export interface HealthOptions {
  readonly life: Pick<Lifecycle, "closing">;
  /** Asked on each probe, and given up on after 500 ms. */
  readonly ready: () => Promise<Readiness>;
  /** What a scraper with this `Accept` is to get; must answer while Redis is down. */
  readonly metrics: (accept: string | undefined) => Promise<Exposition>;
}

/** Exposition is metrics in one of Prometheus's formats; `type` is its media type. */
export interface Exposition {
  readonly type: string;
  readonly text: string;
}

/** HEALTH_TAG groups the routes in an OpenAPI document. */
export const HEALTH_TAG = { name: "health", description: "What probes and scrapers ask; open to everyone." };

const statusSchema = z.object({ status: z.literal("ok") }).meta({ id: "Health", description: "All is well." });
const expositionAnswer = {
  description: "Prometheus's text format; OpenMetrics, with exemplars, where traces are on and `Accept` asks for it.",
  content: { "text/plain": { schema: z.string() }, "application/openmetrics-text": { schema: z.string() } },
};

/** addHealthRoutes adds `/livez`, which depends on nothing, `/readyz` and `/metrics`. */
export function addHealthRoutes(app: HttpServer, { life, ready, metrics }: HealthOptions): void {
  const config = { quiet: true };
  const tags = [HEALTH_TAG.name];
  const livez = {
    tags,
    operationId: "getLiveness",
    summary: "Is the process running?",
    response: { 200: statusSchema },
  };
  app.get("/livez", { config, schema: livez }, async () => ({ status: "ok" as const }));

  const readyz = {
    tags,
    operationId: "getReadiness",
    summary: "May it be given work?",
    response: { 200: statusSchema },
    refuses: ["not-ready"] as const,
  };
  app.get("/readyz", { config, schema: readyz }, async () => {
    const { ok, detail } = life.closing
      ? { ok: false, detail: "the process is closing" }
      : await readinessInTime(ready);
    if (!ok) throw new Refusal("not-ready", detail, { retryAfterMs: RETRY_AFTER_MS });
    return { status: "ok" as const };
  });

  const metricsOf = {
    tags,
    operationId: "getMetrics",
    summary: "Prometheus metrics",
    response: { 200: expositionAnswer },
  };
  app.get("/metrics", { config, schema: metricsOf }, async ({ headers }, reply) => {
    const { type, text } = await metrics(headers.accept);
    reply.header("content-type", type);
    return text;
  });
}

async function readinessInTime(ready: () => Promise<Readiness>): Promise<Readiness> {
  const late: Readiness = { ok: false, detail: `no answer within ${READY_MS} ms; Redis may hang` };
  try {
    return await pTimeout(ready(), { milliseconds: READY_MS, fallback: () => late });
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  }
}

/** ReasonedReadiness names the reason by a word that stays while its `detail` changes, as a clock's distance does. */
export interface ReasonedReadiness extends Readiness {
  readonly reason?: string;
}

/** A fault of the configuration, unlike an outage, does not pass by itself. */
const CONFIGURATION = "settings";

/**
 * createReadinessLog gives a function to call with each look at readiness: it writes a line when that or its reason
 * changes.
 */
export function createReadinessLog(log: Log): (readiness: ReasonedReadiness) => void {
  let logged: ReasonedReadiness = { ok: true, detail: "" };
  let since = 0;
  return (readiness) => {
    const { ok, reason, detail } = readiness;
    if (ok === logged.ok && reason === logged.reason && (reason !== CONFIGURATION || detail === logged.detail)) return;
    if (ok) log.info({ afterMs: Math.round(performance.now() - since) }, "ready again");
    else log[reason === CONFIGURATION ? "error" : "warn"]({ reason, detail }, "not ready");
    if (logged.ok) since = performance.now();
    logged = readiness;
  };
}
