/** The only file that joins the worker's parts; the lifecycle closes them newest first. */

import { randomUUID } from "node:crypto";
import { createCxOneHttp } from "@baton/cxone";
import { DeadLetterQueue, HandoffConsumer, HandoffQueue } from "@baton/queue";
import { ConfigurationFault, createHttpServer, type Lifecycle, type Log, packageVersion, registerHealth } from "@baton/runtime";
import {
  createAuditStore,
  createConnectorStore,
  createDeliveryStore,
  createDirectory,
  createHandoffStore,
  createSealedAccessStore,
  createShards,
  createUpkeepStore,
  openRedis,
  Pulse,
  RedisSettings,
  type RedisUse,
  Replication,
  readinessOf,
} from "@baton/store";
import { createMetrics } from "@baton/telemetry";
import { createVault } from "@baton/vault";
import type { WorkerConfig } from "./config.ts";
import { createCountInterrupted } from "./count-interrupted.ts";
import { createDeliverHandoff } from "./deliver-handoff.ts";
import { createFitness } from "./fitness.ts";
import { createLetters } from "./letters.ts";
import { createPrune } from "./prune.ts";
import { createReconcile } from "./reconcile.ts";
import { createReleaseWaiting } from "./release-waiting.ts";
import { createDeliveryReport, createInterruptedReport } from "./report.ts";
import { Rounds } from "./rounds.ts";
import { createRoutes } from "./routes.ts";
import { createShare } from "./share.ts";

/** How often each round is made, milliseconds. */
const EVERY_MS = { release: 250, count: 1_000, reconcile: 2_000, prune: 2_000 } as const;

/** Worker: where its health and metrics are. */
export interface Worker {
  readonly url: string;
}

/** composeWorker opens everything and begins to take jobs; `life` owns what it opened. */
export async function composeWorker(config: WorkerConfig, life: Lifecycle, log: Log): Promise<Worker> {
  const version = packageVersion(import.meta.url);
  const metrics = createMetrics({ version });
  const onError = (err: unknown) => log.debug({ err }, "redis or queue");
  const open = (use: RedisUse) => {
    const redis = openRedis(config.BATON_REDIS_URL, use).on("error", onError);
    life.onClose(`redis ${use}`, () => redis.disconnect());
    return redis;
  };
  const redis = open("scripts");
  const shards = createShards(redis, config.BATON_NAMESPACE, config.BATON_SHARDS);
  const { tags } = shards;
  const pulse = life.use(
    new Pulse(redis, { namespace: config.BATON_NAMESPACE, workerId: randomUUID(), sealsWith: config.BATON_KEYRING.newest.id }),
  );
  const replicates = config.BATON_DURABILITY === "replicated";
  const settings = life.use(new RedisSettings(redis, log, { replicas: replicates }));
  const now = () => pulse.now();
  const stopped = () => pulse.stopped;
  const jobs = { tags, connection: open("jobs"), onError };
  const queue = life.use(new HandoffQueue(jobs));
  const deadLetters = life.use(new DeadLetterQueue(jobs));
  const replication = replicates ? new Replication({ redis: open("replication"), shards }) : undefined;
  const deliveries = createDeliveryStore(shards);
  const upkeep = createUpkeepStore(shards);
  const http = life.use(
    createCxOneHttp(config.BATON_EGRESS_PROXY === undefined ? {} : { egressProxy: config.BATON_EGRESS_PROXY }),
    "cxone http",
  );
  const routes = createRoutes({
    directory: createDirectory(createConnectorStore(redis, config.BATON_NAMESPACE), () => pulse.registryVersion),
    accesses: createSealedAccessStore(shards, Math.random),
    vault: createVault(config.BATON_KEYRING),
    http,
    allowedHosts: config.BATON_ALLOWED_HOSTS,
    now,
    onTokenRequest: (connector, result) => metrics.tokenRequests.inc({ connector, result }),
  });
  const letters = createLetters({
    queue: deadLetters,
    notes: upkeep,
    onFiled: ({ connectorId, reason }) => metrics.handoffsEnded.inc({ connector: connectorId, status: "dead", reason }),
  });
  const consumer = new HandoffConsumer({
    tags,
    openConnection: () => openRedis(config.BATON_REDIS_URL, "blocking").on("error", onError),
    concurrency: config.BATON_WORKER_CONCURRENCY,
    onError,
    onStalled: () => metrics.stalled.inc(),
    now,
    mayTake: createFitness({ ready: () => readinessOf(pulse), log }),
    handle: createDeliverHandoff({
      handoffs: deliveries,
      replicated: async ({ id, nonce }) => replication?.confirm(id, { nonce }),
      routes,
      share: createShare({ concurrency: config.BATON_WORKER_CONCURRENCY, now }),
      letters,
      wake: (jobId) => void queue.wake(jobId).catch(onError),
      stopped,
      createNonce: randomUUID,
      chance: Math.random,
      report: createDeliveryReport(metrics, log),
      closing: life.signal,
    }),
  });
  const rounds = [
    { everyMs: EVERY_MS.release, once: createReleaseWaiting({ handoffs: deliveries, connectors: routes, queue, tags, stopped, now }) },
    {
      everyMs: EVERY_MS.count,
      once: createCountInterrupted({ handoffs: deliveries, tags, onInterrupted: createInterruptedReport(metrics, log) }),
    },
    {
      everyMs: EVERY_MS.reconcile,
      once: createReconcile({
        upkeep,
        handoffs: createHandoffStore(shards),
        queue,
        deadLetters,
        letters,
        tags,
        upForMs: () => pulse.upForMs,
        onReconciled: () => metrics.reconciled.inc(),
      }),
    },
    {
      everyMs: EVERY_MS.prune,
      once: createPrune({
        upkeep,
        deadLetters,
        audit: createAuditStore(redis, config.BATON_NAMESPACE),
        tags,
        retentionMs: {
          ended: config.BATON_RETENTION_ENDED,
          dead: config.BATON_RETENTION_DEAD,
          audit: config.BATON_RETENTION_AUDIT,
        },
        now,
        closing: life.signal,
      }),
    },
  ];

  await pulse.start();
  const faults = await settings.start();
  if (faults.length > 0) throw new ConfigurationFault(faults);
  const app = createHttpServer({ log, trustedProxies: config.BATON_TRUSTED_PROXIES, onServed: metrics.observeRequest });
  registerHealth(app, {
    life,
    ready: async () => readinessOf(pulse, settings),
    metrics: () => {
      metrics.redisUp.set(pulse.up ? 1 : 0);
      metrics.clockOffsetSeconds.set(-pulse.offsetMs / 1_000);
      return metrics.text();
    },
  });
  const url = await app.listen({ host: config.BATON_HOST, port: config.BATON_WORKER_PORT });
  life.use(app, "http server");
  consumer.start();
  life.use(consumer);
  for (const { everyMs, once } of rounds) {
    life.use(new Rounds({ everyMs, once, onError: (err) => log.error({ err }, "a round failed") })).start();
  }
  return { url };
}
