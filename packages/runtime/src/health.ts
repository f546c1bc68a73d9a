/** Health: what probes and scrapers ask every process. */
import { z } from "zod";
import type { HttpServer } from "./http-server.ts";
import type { Lifecycle } from "./lifecycle.ts";

/** READY_MS is how long readiness is asked for before the answer is no: a Redis that hangs must not hang the probe. */
const READY_MS = 500;
/** Prometheus's text format. */
const EXPOSITION = "text/plain; version=0.0.4; charset=utf-8";

/** Readiness is a verdict; `detail` tells an operator why not, and what would help. */
export interface Readiness {
  readonly ok: boolean;
  readonly detail: string;
}

export interface HealthOptions {
  readonly life: Pick<Lifecycle, "closing">;
  /** Asked on each probe, and given up on after 500 ms. */
  readonly ready: () => Promise<Readiness>;
  /** Prometheus text; must answer while Redis is down. */
  readonly metrics: () => Promise<string>;
}

const statusSchema = z.object({ status: z.literal("ok") });
const notReadySchema = z.object({
  type: z.literal("urn:baton:problem:not-ready"),
  title: z.string(),
  status: z.literal(503),
  detail: z.string(),
});

/** registerHealth adds `/livez`, which asks nobody, `/readyz` and `/metrics`. */
export function registerHealth(app: HttpServer, { life, ready, metrics }: HealthOptions): void {
  const config = { quiet: true };
  app.get(
    "/livez",
    { config, schema: { tags: ["health"], summary: "Is the process running?", response: { 200: statusSchema } } },
    async () => ({
      status: "ok" as const,
    }),
  );
  app.get(
    "/readyz",
    { config, schema: { tags: ["health"], summary: "May it be given work?", response: { 200: statusSchema, 503: notReadySchema } } },
    async (_request, reply) => {
      const { ok, detail } = life.closing ? { ok: false, detail: "the process is closing" } : await readinessInTime(ready);
      if (ok) return { status: "ok" as const };
      reply.code(503).type("application/problem+json");
      return { type: "urn:baton:problem:not-ready" as const, title: "Not ready", status: 503 as const, detail };
    },
  );
  app.get("/metrics", { config, schema: { tags: ["health"], summary: "Prometheus metrics" } }, async (_request, reply) => {
    reply.header("content-type", EXPOSITION);
    return await metrics();
  });
}

async function readinessInTime(ready: () => Promise<Readiness>): Promise<Readiness> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<Readiness>((resolve) => {
    timer = setTimeout(() => resolve({ ok: false, detail: `no answer within ${READY_MS} ms; Redis may hang` }), READY_MS);
  });
  try {
    return await Promise.race([ready(), late]);
  } catch (error) {
    return { ok: false, detail: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}
