/** The only file that joins the worker's parts; the lifecycle closes them newest first. */

import { randomBytes, randomUUID } from "node:crypto";
import { createCxOneHttpClient } from "@baton/cxone";
import { createHandoffStore } from "@baton/handoffs";
import type { ClaimedAttempt } from "@baton/handoffs/claim-script-arguments-and-reply";
import { createReconcileAndPruneHandoffs } from "@baton/handoffs/reconcile-and-prune-handoffs";
import { ReplicaConfirmation } from "@baton/handoffs/replica-confirmation";
import { createRunItemStore } from "@baton/handoffs/run-item-store";
import { createSealedApiAccessStore } from "@baton/handoffs/sealed-api-access-store";
import { createWorkerAttemptStore } from "@baton/handoffs/worker-attempt-store";
import { openRedis } from "@baton/redis/connection";
import { retryUntilRedisAnswers } from "@baton/redis/retry-until-redis-answers";
import { requireShardTagOfId } from "@baton/redis/shards";
import { createAuditStore } from "@baton/registry/audit-store";
import { judgeRedisReadiness } from "@baton/registry/check-redis-readiness";
import { createConnectorCache } from "@baton/registry/connector-cache";
import { openRedisWithHeartbeat } from "@baton/registry/open-redis-with-heartbeat";
import { createRunStore } from "@baton/registry/run-store";
import { DeletedConnectorWatcher } from "@baton/registry/watch-for-deleted-connectors";
import {
  addHealthRoutes,
  bindPort,
  ConfigurationFault,
  createHttpServer,
  createReadinessLog,
  type Lifecycle,
  type Log,
  packageVersion,
} from "@baton/runtime";
import { createMetrics, type Metrics, openTracing, type Tracing } from "@baton/telemetry";
import { createVault, listKeyringKeyIds } from "@baton/vault";
import {
  createAttemptTelemetry,
  createBeginAttemptSpan,
  createDeadLetterRunTelemetry,
  createInterruptionAndDeathTelemetry,
} from "./attempt-and-run-telemetry.ts";
import { ClaimLoop } from "./claim-loop.ts";
import { ConcurrencySlots, countDeliveriesInFlight } from "./concurrency-slots.ts";
import { createConnectorConcurrencyLimit } from "./connector-concurrency-limit.ts";
import { createDeliverHandoff } from "./deliver-handoff.ts";
import { createDestinationCache, type DestinationCache } from "./destination-cache.ts";
import {
  createForgetOldRunsAndPlans,
  createPruneOldRecords,
  createReconcileOverdueHandoffs,
  createReportInterruptionsAndDeaths,
} from "./maintenance-tasks.ts";
import { createMissingKeyLog } from "./missing-key-log.ts";
import { PeriodicTask } from "./periodic-task.ts";
import { RunStepLoop } from "./run-step-loop.ts";
import { createReleaseRunLease, createStepRun } from "./step-run.ts";
import type { WorkerConfig } from "./worker-config.ts";

/** How often each task is done, milliseconds. */
const TASK_INTERVAL_MS = { events: 1_000, reconcile: 2_000, prune: 2_000 } as const;
/**
 * A claim's token is short: no field of a record may be over 64 bytes (ADR 16). Random bytes: two claims of a minute
 * never share one.
 */
const TOKEN_BYTES = 9;

/** Worker: where its health and metrics are. */
export interface Worker {
  readonly url: string;
}

/** composeWorker opens everything and begins to take jobs; `life` owns what it opened. */
export async function composeWorker(config: WorkerConfig, life: Lifecycle, log: Log): Promise<Worker> {
  const version = packageVersion(import.meta.url);
  const tracing = await openTracing({ config, life, log, service: "baton-worker", version });
  const metrics = createMetrics({ version, hasExemplars: tracing !== undefined });
  const parts = openParts(config, life, log);
  metrics.observeRedis(parts.heartbeat);
  const destinations = composeDestinations(parts, metrics);
  const loops = composeLoops({ ...parts, destinations }, { metrics, tracing });
  const tasks = composeTasks(parts, metrics);
  const faults = await parts.start(createReadinessLog(log));
  if (faults.length > 0) throw new ConfigurationFault(faults);
  const url = await serveHealthAndMetrics(parts, metrics);
  for (const loop of loops) life.use(loop).start();
  life.use(composeRunStepLoop({ ...parts, destinations }, metrics)).start();
  life.use(watchDeletions({ ...parts, destinations }, metrics)).start();
  for (const { intervalMs, once } of tasks) {
    life
      .use(new PeriodicTask({ intervalMs, once, onError: (err) => log.error({ err }, "a periodic task failed") }))
      .start();
  }
  return { url };
}

type Parts = ReturnType<typeof openParts>;
/** PartsWithDestinations are the parts with the ways out to CXone. */
type PartsWithDestinations = Parts & { readonly destinations: DestinationCache };

/** openParts opens what this process has of its own beside Redis, the connections to CXone among it. */
function openParts(config: WorkerConfig, life: Lifecycle, log: Log) {
  const workerId = randomUUID();
  const ring = { role: "worker", keyIds: listKeyringKeyIds(config.BATON_KEYRING) } as const;
  const opened = openRedisWithHeartbeat({ config, life, log, ring });
  const { shards } = opened;
  return {
    ...opened,
    config,
    life,
    log,
    tags: shards.tags,
    workerId,
    replication: opened.isReplicated
      ? new ReplicaConfirmation({ redis: opened.openConnection("replication"), shards })
      : undefined,
    connectorCache: createConnectorCache(opened.connectors, () => opened.heartbeat.registryVersion),
    runs: createRunStore(opened.redis, config.BATON_NAMESPACE),
    runItems: createRunItemStore(shards),
    handoffs: createWorkerAttemptStore(shards),
    maintenance: createReconcileAndPruneHandoffs(shards),
    onFaults: (faults: readonly string[]) => log.error({ faults }, "handoffs that Redis could not work on"),
    http: life.use(
      createCxOneHttpClient(config.BATON_EGRESS_PROXY === undefined ? {} : { egressProxy: config.BATON_EGRESS_PROXY }),
      "cxone http",
    ),
  };
}

/** composeDestinations joins the ways out to CXone, by connector. */
function composeDestinations(
  { config, log, connectorCache, shards, heartbeat, http, now, workerId }: Parts,
  metrics: Metrics,
): DestinationCache {
  return createDestinationCache({
    connectorCache,
    accesses: createSealedApiAccessStore(shards, Math.random),
    vault: createVault(config.BATON_KEYRING),
    http,
    allowedHosts: config.BATON_ALLOWED_HOSTS,
    registryVersion: () => heartbeat.registryVersion,
    now,
    workerId,
    tagOf: (connectorId) => requireShardTagOfId(shards, "cn", connectorId),
    onTokenRequest: (connector, result) => metrics.tokenRequests.inc({ connector, result }),
    onMissingKey: createMissingKeyLog(log),
    onError: (connectorId, err) => log.error({ connectorId, err }, "its connector could not be made ready"),
  });
}

/** Telemetry is where deliveries are counted and traced; `tracing` undefined: nothing is traced. */
interface Telemetry {
  readonly metrics: Metrics;
  readonly tracing: Tracing | undefined;
}

/** composeLoops claims handoffs in every shard, and delivers each. */
function composeLoops(parts: PartsWithDestinations, { metrics, tracing }: Telemetry): readonly ClaimLoop[] {
  const { config, log, tags, onRedisError, now, heartbeat, handoffs, replication, destinations } = parts;
  const slots = new ConcurrencySlots(config.BATON_WORKER_CONCURRENCY);
  const report = createAttemptTelemetry(metrics, log);
  const waitUntilReplicated = ({ id, token }: ClaimedAttempt) => replication?.confirm(id, { tok: token });
  const inFlight = countDeliveriesInFlight(
    createDeliverHandoff({
      handoffs,
      waitUntilReplicated,
      destinations,
      random: Math.random,
      report,
      beginSpan: composeBeginSpan(parts, tracing),
    }),
  );
  metrics.registerWorkerSlots(slots.count, inFlight.used);
  const shared = {
    slots,
    limit: createConnectorConcurrencyLimit({ slots, clock: () => performance.now() }),
    handoffs,
    destinations,
    openConnection: () => openRedis(config.BATON_REDIS_URL, "blocking").on("error", onRedisError),
    now,
    canTakeJobs: () => judgeRedisReadiness(heartbeat).ok,
    isPaused: () => heartbeat.paused,
    createToken: () => randomBytes(TOKEN_BYTES).toString("base64url"),
    random: Math.random,
    deliver: inFlight.deliver,
    abandon: async (attempt: ClaimedAttempt) => {
      await retryUntilRedisAnswers(() => handoffs.abandon({ attempt, waitMs: 0 }));
      report.abandoned(attempt, "unanswered");
    },
    onError: (err: unknown) => log.error({ err }, "claiming failed; it is tried again"),
    onFaults: parts.onFaults,
    onStalled: () => metrics.stalled.inc(),
  };
  const loops = new Map(tags.map((tag) => [tag, new ClaimLoop({ tag, ...shared })]));
  destinations.onChange((tag) => loops.get(tag)?.nudge());
  return [...loops.values()];
}

function composeBeginSpan({ shards }: Parts, tracing: Tracing | undefined) {
  if (tracing === undefined) return undefined;
  const records = createHandoffStore(shards);
  return createBeginAttemptSpan({
    tracing,
    replaysOf: async (id) => (await records.read(id))?.handoff.replays ?? 0,
  });
}

/** ASK_MS is how long CXone may take to say whether a contact has ended. Milliseconds. */
const ASK_MS = 2_000;

/** composeRunStepLoop steps the runs that other workers do not. */
function composeRunStepLoop(parts: PartsWithDestinations, metrics: Metrics): RunStepLoop {
  const { log, runs, runItems, connectorCache, destinations, heartbeat } = parts;
  const step = {
    ...parts,
    items: runItems,
    connector: async (id: string) => (await connectorCache.connector(id))?.connector,
    hasEnded: async (connectorId: string, contactId: string) =>
      destinations
        .find(connectorId)
        .then((found) => found?.hasEnded(contactId, ASK_MS) ?? false)
        .catch(() => false),
    isPaused: () => heartbeat.paused,
    report: createDeadLetterRunTelemetry(metrics, log),
  };
  return new RunStepLoop({
    active: () => runs.active(),
    step: createStepRun(step),
    releaseLease: createReleaseRunLease(step),
    canTakeJobs: () => judgeRedisReadiness(heartbeat).ok,
    onError: (err) => log.error({ err }, "a run could not be stepped; it is tried again"),
  });
}

/** composeTasks lists what is done again and again, and how often. */
function composeTasks(parts: Parts, metrics: Metrics) {
  const { config, life, heartbeat } = parts;
  const audit = createAuditStore(parts.redis, config.BATON_NAMESPACE);
  const retentionMs = {
    ended: config.BATON_RETENTION_ENDED,
    dead: config.BATON_RETENTION_DEAD,
    audit: config.BATON_RETENTION_AUDIT,
  };
  const upForMs = () => heartbeat.upForMs;
  const onReconciled = () => metrics.reconciled.inc();
  return [
    {
      intervalMs: TASK_INTERVAL_MS.events,
      once: createReportInterruptionsAndDeaths({
        ...parts,
        onEvent: createInterruptionAndDeathTelemetry(metrics, parts.log),
      }),
    },
    {
      intervalMs: TASK_INTERVAL_MS.reconcile,
      once: createReconcileOverdueHandoffs({ ...parts, upForMs, onReconciled }),
    },
    {
      intervalMs: TASK_INTERVAL_MS.prune,
      once: createPruneOldRecords({ ...parts, audit, retentionMs, closing: life.signal }),
    },
    {
      intervalMs: TASK_INTERVAL_MS.prune,
      once: createForgetOldRunsAndPlans({ ...parts, retentionMs: config.BATON_RETENTION_DEAD }),
    },
  ];
}

/** watchDeletions drops what this process keeps of connectors that were deleted. */
function watchDeletions(
  { connectors, heartbeat, destinations, log }: PartsWithDestinations,
  metrics: Metrics,
): DeletedConnectorWatcher {
  return new DeletedConnectorWatcher({
    connectors,
    version: () => heartbeat.registryVersion,
    kept: () => [...new Set([...metrics.connectors(), ...destinations.connectors()])],
    async forget(ids) {
      destinations.forgetDeleted(ids);
      await metrics.forgetConnectors(ids);
    },
    onError: (err) => log.error({ err }, "deleted connectors could not be looked for"),
  });
}

/** serveHealthAndMetrics serves health and metrics, and gives the address. */
async function serveHealthAndMetrics({ config, life, log, readiness }: Parts, metrics: Metrics): Promise<string> {
  const app = createHttpServer({ log, trustedProxies: config.BATON_TRUSTED_PROXIES, onServed: metrics.observeRequest });
  addHealthRoutes(app, {
    life,
    ready: async () => readiness(),
    metrics: (accept) => metrics.expose(accept),
  });
  const address = { host: config.BATON_HOST, port: config.BATON_WORKER_PORT, variable: "BATON_WORKER_PORT" };
  const url = await bindPort(address, () => app.listen(address));
  life.use(app, "http server");
  return url;
}
