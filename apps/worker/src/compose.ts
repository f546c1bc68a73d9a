/** The only file that joins the worker's parts; the lifecycle closes them newest first. */

import { randomUUID } from "node:crypto";
import { createCxOneHttp } from "@baton/cxone";
import { DeadLetterQueue, HandoffConsumer, HandoffQueue } from "@baton/queue";
import {
  bind,
  ConfigurationFault,
  createHttpServer,
  createReadinessLog,
  type Lifecycle,
  type Log,
  packageVersion,
  registerHealth,
} from "@baton/runtime";
import {
  createAuditStore,
  createConnectorStore,
  createDeliveryStore,
  createDirectory,
  createHandoffStore,
  createRunner,
  createSealedAccessStore,
  createShards,
  createUpkeepStore,
  DeletionWatch,
  openRedis,
  Pulse,
  RedisSettings,
  type RedisUse,
  Replication,
  readinessOf,
  watchReadiness,
} from "@baton/store";
import { createMetrics, type Metrics } from "@baton/telemetry";
import { createVault, keyIdsOf } from "@baton/vault";
import type { WorkerConfig } from "./config.ts";
import { createCountInterrupted } from "./count-interrupted.ts";
import { createDeliverHandoff } from "./deliver-handoff.ts";
import { createLetters } from "./letters.ts";
import { createPrune } from "./prune.ts";
import { createReconcile } from "./reconcile.ts";
import { createReleaseWaiting } from "./release-waiting.ts";
import { createDeathReport, createDeliveryReport, createInterruptedReport } from "./report.ts";
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
  const metrics = createMetrics({ version: packageVersion(import.meta.url) });
  const parts = openParts(config, life, log);
  const { pulse, settings } = parts;
  const share = createShare({ concurrency: config.BATON_WORKER_CONCURRENCY, now: parts.now });
  const joined = { ...parts, ...composeRouting(parts, metrics), share };
  const consumer = composeConsumer(joined, metrics);
  const rounds = composeRounds(joined, metrics);
  await pulse.start();
  const faults = await settings.start();
  if (faults.length > 0) throw new ConfigurationFault(faults);
  watchReadiness(pulse, settings, createReadinessLog(log));
  const url = await listen(parts, metrics);
  consumer.start();
  life.use(consumer);
  life.use(watchDeletions(joined, metrics)).start();
  for (const { everyMs, once } of rounds) {
    life.use(new Rounds({ everyMs, once, onError: (err) => log.error({ err }, "a round failed") })).start();
  }
  return { url };
}

type Parts = ReturnType<typeof openParts>;
type Joined = Parts & ReturnType<typeof composeRouting> & { readonly share: ReturnType<typeof createShare> };

/** openParts opens what speaks to Redis, and the connections to CXone. */
function openParts(config: WorkerConfig, life: Lifecycle, log: Log) {
  const onError = (err: unknown) => log.debug({ err }, "redis or queue");
  const open = (use: RedisUse) => {
    const redis = openRedis(config.BATON_REDIS_URL, use).on("error", onError);
    life.onClose(`redis ${use}`, () => redis.disconnect());
    return redis;
  };
  const redis = open("scripts");
  const shards = createShards(redis, config.BATON_NAMESPACE, config.BATON_SHARDS);
  const { tags } = shards;
  const replicates = config.BATON_DURABILITY === "replicated";
  const settings = life.use(new RedisSettings(redis, log, { target: config.BATON_REDIS_URL, replicas: replicates }));
  const pulse = life.use(
    new Pulse(redis, {
      namespace: config.BATON_NAMESPACE,
      workerId: randomUUID(),
      ring: { role: "worker", keyIds: keyIdsOf(config.BATON_KEYRING) },
    }),
  );
  const jobs = { tags, connection: open("jobs"), run: createRunner(redis), onError };
  return {
    config,
    life,
    log,
    onError,
    redis,
    shards,
    tags,
    pulse,
    settings,
    now: () => pulse.now(),
    stopped: () => pulse.stopped,
    queue: life.use(new HandoffQueue(jobs)),
    deadLetters: life.use(new DeadLetterQueue(jobs)),
    replication: replicates ? new Replication({ redis: open("replication"), shards }) : undefined,
    connectors: createConnectorStore(redis, config.BATON_NAMESPACE),
    deliveries: createDeliveryStore(shards),
    upkeep: createUpkeepStore(shards),
    http: life.use(
      createCxOneHttp(config.BATON_EGRESS_PROXY === undefined ? {} : { egressProxy: config.BATON_EGRESS_PROXY }),
      "cxone http",
    ),
  };
}

/** composeRouting joins the ways out: to CXone by connector, and to the dead-letter queue. */
function composeRouting({ config, connectors, shards, pulse, upkeep, deadLetters, http, now, log }: Parts, metrics: Metrics) {
  return {
    routes: createRoutes({
      directory: createDirectory(connectors, () => pulse.registryVersion),
      accesses: createSealedAccessStore(shards, Math.random),
      vault: createVault(config.BATON_KEYRING),
      http,
      allowedHosts: config.BATON_ALLOWED_HOSTS,
      now,
      onTokenRequest: (connector, result) => metrics.tokenRequests.inc({ connector, result }),
    }),
    letters: createLetters({
      queue: deadLetters,
      notes: upkeep,
      onFiled: createDeathReport(metrics, log),
    }),
  };
}

/** composeConsumer takes jobs, and delivers each. */
function composeConsumer(joined: Joined, metrics: Metrics): HandoffConsumer {
  const { config, log, tags, onError, now, pulse, queue, replication } = joined;
  return new HandoffConsumer({
    tags,
    openConnection: () => openRedis(config.BATON_REDIS_URL, "blocking").on("error", onError),
    concurrency: config.BATON_WORKER_CONCURRENCY,
    onError,
    onStalled: () => metrics.stalled.inc(),
    now,
    mayTake: () => readinessOf(pulse).ok,
    handle: createDeliverHandoff({
      handoffs: joined.deliveries,
      replicated: async ({ id, nonce }) => replication?.confirm(id, { nonce }),
      routes: joined.routes,
      share: joined.share,
      letters: joined.letters,
      wake: (jobId) => void queue.wake(jobId).catch(onError),
      stopped: joined.stopped,
      createNonce: randomUUID,
      chance: Math.random,
      report: createDeliveryReport(metrics, log),
      closing: joined.life.signal,
    }),
  });
}

/** composeRounds lists what is done again and again, and how often. */
function composeRounds(joined: Joined, metrics: Metrics) {
  const { config, log, tags, deliveries: handoffs, routes: connectors, shards, pulse } = joined;
  const onInterrupted = createInterruptedReport(metrics, log);
  const audit = createAuditStore(joined.redis, config.BATON_NAMESPACE);
  const retentionMs = {
    ended: config.BATON_RETENTION_ENDED,
    dead: config.BATON_RETENTION_DEAD,
    audit: config.BATON_RETENTION_AUDIT,
  };
  const upForMs = () => pulse.upForMs;
  const onReconciled = () => metrics.reconciled.inc();
  return [
    { everyMs: EVERY_MS.release, once: createReleaseWaiting({ ...joined, handoffs, connectors }) },
    { everyMs: EVERY_MS.count, once: createCountInterrupted({ handoffs, tags, onInterrupted }) },
    { everyMs: EVERY_MS.reconcile, once: createReconcile({ ...joined, handoffs: createHandoffStore(shards), upForMs, onReconciled }) },
    { everyMs: EVERY_MS.prune, once: createPrune({ ...joined, audit, retentionMs, closing: joined.life.signal }) },
  ];
}

/** watchDeletions lets go of what this process keeps of connectors that are no more. */
function watchDeletions({ connectors, pulse, routes, share }: Joined, metrics: Metrics): DeletionWatch {
  return new DeletionWatch({
    connectors,
    version: () => pulse.registryVersion,
    kept: () => [...new Set([...metrics.connectors(), ...routes.connectors(), ...share.connectors()])],
    async forget(ids) {
      routes.forget(ids);
      share.forget(ids);
      await metrics.forgetConnectors(ids);
    },
  });
}

/** listen serves health and metrics, and gives the address. */
async function listen({ config, life, log, pulse, settings }: Parts, metrics: Metrics): Promise<string> {
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
  const address = { host: config.BATON_HOST, port: config.BATON_WORKER_PORT, variable: "BATON_WORKER_PORT" };
  const url = await bind(address, () => app.listen(address));
  life.use(app, "http server");
  return url;
}
