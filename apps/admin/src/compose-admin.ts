/** Admin from its parts (open-admin-parts.ts): its routes, its logins and what runs beside them. */
import { createAdminKeyCache } from "@baton/registry/connector-cache";
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
import { createBeginWriteRequestSpan, createMetrics, type Metrics, openTracing } from "@baton/telemetry";
import type { AdminConfig } from "./admin-config.ts";
import { createAuthenticate, createIdentifyAdminKey } from "./authenticate-operator.ts";
import { buildServer } from "./build-http-server.ts";
import { composeAdminRoutes } from "./compose-admin-routes.ts";
import { CONSOLE_FOLDER } from "./console-file-routes.ts";
import { createConsoleSessions } from "./console-sessions.ts";
import { createSignInUseCases } from "./console-sign-in-use-cases.ts";
import { createExpireOverdueBeforeReading } from "./expire-overdue-before-reading.ts";
import { type AdminParts, openAdminParts } from "./open-admin-parts.ts";
import { QueuedCountSampler } from "./queued-count-sampler.ts";
import { createReadConnectorsByUrgency } from "./read-connectors-by-urgency.ts";
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
  const parts = { ...openAdminParts(config, life, log), tracing };
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
function sampleQueue({ log, heartbeat, ...parts }: ReturnType<typeof openAdminParts>): QueuedCountSampler {
  const onFailed = (err: unknown) => log.debug({ err }, "the queue could not be sampled");
  return new QueuedCountSampler({ ...parts, now: () => heartbeat.now(), onFailed });
}
