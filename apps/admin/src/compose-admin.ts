/** Where admin's parts are joined (its routes: compose-admin-routes.ts); the lifecycle closes them newest first. */
import { createCxOneHttpClient } from "@baton/cxone";
import { createHandoffStore } from "@baton/handoffs";
import { createClearThrottleAndBreaker } from "@baton/handoffs/clear-throttle-and-breaker";
import { createCloseConnectorForDeletion } from "@baton/handoffs/close-connector-for-deletion";
import { createCollectRunPlanItems } from "@baton/handoffs/collect-run-plan-items";
import { createDeadLetterStore } from "@baton/handoffs/dead-letter-store";
import { createHandoffSearch } from "@baton/handoffs/handoff-search";
import { createMinuteCountStore } from "@baton/handoffs/minute-count-store";
import { createQueueSampleStore } from "@baton/handoffs/queue-sample-store";
import { createOverviewFiguresReader } from "@baton/handoffs/read-overview-figures";
import { type ExpectedFields, ReplicaConfirmation } from "@baton/handoffs/replica-confirmation";
import { createRunItemStore } from "@baton/handoffs/run-item-store";
import { createSealedApiAccessStore } from "@baton/handoffs/sealed-api-access-store";
import { readFullestMasterMemory } from "@baton/redis/server-report";
import { createAdminKeyStore } from "@baton/registry/admin-key-store";
import { createAuditStore } from "@baton/registry/audit-store";
import { createAdminKeyCache } from "@baton/registry/connector-cache";
import { createConsoleSessionStore } from "@baton/registry/console-session-store";
import { createDeadLetterCauseStateStore } from "@baton/registry/dead-letter-cause-state-store";
import { openRedisWithHeartbeat } from "@baton/registry/open-redis-with-heartbeat";
import { RefusalAuditSampler } from "@baton/registry/refusal-audit-sampler";
import { createRunStore } from "@baton/registry/run-store";
import { createTokenUseBuffer } from "@baton/registry/token-use-buffer";
import { DeletedConnectorWatcher } from "@baton/registry/watch-for-deleted-connectors";
import {
  bindPort,
  ConfigurationFault,
  createLoginLimit,
  createReadinessLog,
  type Lifecycle,
  type Log,
  packageVersion,
} from "@baton/runtime";
import { createBeginWriteRequestSpan, createMetrics, type Metrics, openTracing, type Tracing } from "@baton/telemetry";
import { listKeyringKeyIds } from "@baton/vault";
import type { AdminConfig } from "./admin-config.ts";
import { createAuthenticate, createIdentifyAdminKey } from "./authenticate-operator.ts";
import { buildServer } from "./build-http-server.ts";
import { composeAdminRoutes } from "./compose-admin-routes.ts";
import { CONSOLE_FOLDER } from "./console-file-routes.ts";
import { createConsoleSessions } from "./console-sessions.ts";
import { createSignInUseCases } from "./console-sign-in-use-cases.ts";
import { createExpireOverdueBeforeReading, type ExpireOverdueBeforeReading } from "./expire-overdue-before-reading.ts";
import { QueuedCountSampler } from "./queued-count-sampler.ts";
import { createReadConnectorsByUrgency, type ReadConnectorsByUrgency } from "./read-connectors-by-urgency.ts";
import { createReadQueueGaugeFigures } from "./read-queue-gauge-figures.ts";

/** Admin is where it listens. */
export interface Admin {
  readonly url: string;
}

/** composeAdmin opens everything and listens; `life` owns what it opened. */
export async function composeAdmin(config: AdminConfig, life: Lifecycle, log: Log): Promise<Admin> {
  const version = packageVersion(import.meta.url);
  const tracing = await openTracing({ config, life, log, service: "baton-admin", version });
  const metrics = createMetrics({ version, hasExemplars: tracing !== undefined });
  const parts = { ...openParts(config, life, log), tracing };
  metrics.observeRedis(parts.heartbeat);
  const readConnectorsByUrgency = createReadConnectorsByUrgency(parts);
  const onError = (err: unknown) => log.error({ err }, "the queue's gauges could not be read");
  metrics.registerQueueGauges(createReadQueueGaugeFigures({ ...parts, readConnectorsByUrgency, onError }));
  const expireOverdue = createExpireOverdueBeforeReading(parts);
  const app = await buildServer(composeServer({ ...parts, readConnectorsByUrgency, expireOverdue }, metrics));
  const faults = await parts.start(createReadinessLog(log));
  if (faults.length > 0) throw new ConfigurationFault(faults);
  const address = { host: config.BATON_HOST, port: config.BATON_ADMIN_PORT, variable: "BATON_ADMIN_PORT" };
  const url = await bindPort(address, () => app.listen(address));
  life.use(app, "http server");
  life.use(watchDeletions(parts, metrics)).start();
  life.use(sampleQueue(parts)).start();
  return { url };
}

/** AdminParts is what admin's parts are made of; `tracing` undefined: nothing is traced. */
export type AdminParts = ReturnType<typeof openParts> & {
  readonly readConnectorsByUrgency: ReadConnectorsByUrgency;
  readonly expireOverdue: ExpireOverdueBeforeReading;
  readonly tracing: Tracing | undefined;
};

/** openParts opens what this process has of its own beside Redis. */
function openParts(config: AdminConfig, life: Lifecycle, log: Log) {
  const uses = createTokenUseBuffer();
  const ring = { role: "admin", keyIds: listKeyringKeyIds(config.BATON_KEYRING) } as const;
  const opened = openRedisWithHeartbeat({ config, life, log, ring, uses });
  const { redis, shards, openConnection, now } = opened;
  const audit = createAuditStore(redis, config.BATON_NAMESPACE);
  const onUnaudited = (err: unknown) => log.warn({ err }, "an attempt is not in the audit yet");
  const replication = opened.isReplicated
    ? new ReplicaConfirmation({ redis: openConnection("replication"), shards })
    : undefined;
  return {
    ...opened,
    config,
    life,
    log,
    uses,
    audit,
    auditSampler: life.use(new RefusalAuditSampler({ audit, now, onFailed: onUnaudited })),
    keys: createAdminKeyStore(redis, config.BATON_NAMESPACE),
    minutes: createMinuteCountStore(shards),
    queueSamples: createQueueSampleStore(shards),
    causeStates: createDeadLetterCauseStateStore(redis, config.BATON_NAMESPACE),
    sessionStore: createConsoleSessionStore(redis, config.BATON_NAMESPACE),
    handoffs: createHandoffStore(shards),
    search: createHandoffSearch(shards),
    deadLetters: createDeadLetterStore(shards),
    figures: createOverviewFiguresReader(shards),
    accesses: createSealedApiAccessStore(shards, Math.random),
    waitUntilReplicated: async (id: string, fields: ExpectedFields) => replication?.confirm(id, fields),
    runs: createRunStore(redis, config.BATON_NAMESPACE),
    collectPlanItems: createCollectRunPlanItems(shards),
    runItems: createRunItemStore(shards),
    resumeConnector: createClearThrottleAndBreaker(shards),
    closeConnector: createCloseConnectorForDeletion(shards),
    http: life.use(
      createCxOneHttpClient(config.BATON_EGRESS_PROXY === undefined ? {} : { egressProxy: config.BATON_EGRESS_PROXY }),
      "cxone http",
    ),
    memory: () => readFullestMasterMemory(redis),
  };
}

/** composeServer joins what stands in front of the routes. */
function composeServer(parts: AdminParts, metrics: Metrics): Parameters<typeof buildServer>[0] {
  const { config, life, log, heartbeat, now, readiness, tracing } = parts;
  const { authenticate, sessions, signIns } = composeLogins(parts);
  return {
    http: {
      log,
      trustedProxies: config.BATON_TRUSTED_PROXIES,
      onServed: metrics.observeRequest,
      beginSpan: tracing && createBeginWriteRequestSpan(tracing),
    },
    version: packageVersion(import.meta.url),
    health: {
      life,
      async ready() {
        await heartbeat.send();
        return readiness();
      },
      async metrics(accept) {
        await heartbeat.send();
        return metrics.expose(accept);
      },
    },
    authenticate,
    audit: parts.audit,
    auditSampler: parts.auditSampler,
    now,
    routes: { ...composeAdminRoutes(parts, metrics), sessions, signIns },
    console: CONSOLE_FOLDER,
  };
}

/** composeLogins joins who may come in, by key, by session and by sign-in link. */
function composeLogins({ config, heartbeat, keys, sessionStore, uses }: AdminParts) {
  const held = {
    firstKey: config.BATON_ADMIN_KEY,
    findKey: createAdminKeyCache(keys, () => heartbeat.registryVersion),
    now: () => heartbeat.now(),
  };
  const sessions = createConsoleSessions({ ...held, sessions: sessionStore });
  const limit = createLoginLimit();
  const authenticate = createAuthenticate({
    identifyKey: createIdentifyAdminKey({ ...held, uses }),
    identifySession: async (token) => (await sessions.find(token))?.actor,
    limit,
  });
  return { authenticate, sessions, signIns: createSignInUseCases({ authenticate, sessions, limit }) };
}

/** watchDeletions drops what was counted of connectors that were deleted. */
function watchDeletions(
  { connectors, heartbeat, log }: Pick<AdminParts, "connectors" | "heartbeat" | "log">,
  metrics: Metrics,
): DeletedConnectorWatcher {
  return new DeletedConnectorWatcher({
    connectors,
    version: () => heartbeat.registryVersion,
    kept: () => metrics.connectors(),
    forget: (ids) => metrics.forgetConnectors(ids),
    onError: (err) => log.error({ err }, "deleted connectors could not be looked for"),
  });
}

/** sampleQueue keeps how many are queued, for the series. */
function sampleQueue({ log, heartbeat, ...parts }: ReturnType<typeof openParts>): QueuedCountSampler {
  const onFailed = (err: unknown) => log.debug({ err }, "the queue could not be sampled");
  return new QueuedCountSampler({ ...parts, now: () => heartbeat.now(), onFailed });
}
