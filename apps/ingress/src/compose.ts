/** The only file that joins ingress's parts; the lifecycle closes them newest first. */
import { hasEnded } from "@baton/domain";
import { HandoffQueue } from "@baton/queue";
import { ConfigurationFault, createLoginLimit, type Lifecycle, type Log, packageVersion } from "@baton/runtime";
import {
  AuditNotices,
  createAuditStore,
  createCallStore,
  createConnectorStore,
  createDirectory,
  createHandoffSearch,
  createHandoffStore,
  createShards,
  createTokenUses,
  EndedChannel,
  openRedis,
  Pulse,
  RedisSettings,
  type RedisUse,
  Replication,
  readinessOf,
} from "@baton/store";
import { createMetrics } from "@baton/telemetry";
import { createVault } from "@baton/vault";
import { createAcceptHandoff } from "./accept-handoff.ts";
import { createAuthenticate } from "./authenticate.ts";
import { createAwaitEnding } from "./await-ending.ts";
import { createCancelHandoff } from "./cancel-handoff.ts";
import type { IngressConfig } from "./config.ts";
import { createIdentifyToken } from "./identify-token.ts";
import { createNoteNumber } from "./note-number.ts";
import { createReadCall } from "./read-call.ts";
import { createReadHandoff } from "./read-handoff.ts";
import { createReadHandoffState } from "./read-handoff-state.ts";
import { refuseUnavailable } from "./refuse-unavailable.ts";
import { createRegisterCall } from "./register-call.ts";
import { createResolveContact } from "./resolve-contact.ts";
import { buildServer } from "./server.ts";
import { Withdrawals } from "./withdrawals.ts";
import { createRefuseToken } from "./wrong-token.ts";

/** BACKLOG is how many connections may wait to be accepted: a burst past Node's 511 waits for TCP's retries, seconds long. */
const BACKLOG = 4_096;

/** READING is what a caller is told who wanted to read. */
const READING = "the queue cannot be reached; ask again";

/** Ingress: where it listens. */
export interface Ingress {
  readonly url: string;
}

/** composeIngress opens everything and listens; `life` owns what it opened. */
export async function composeIngress(config: IngressConfig, life: Lifecycle, log: Log): Promise<Ingress> {
  const version = packageVersion(import.meta.url);
  const metrics = createMetrics({ version });
  const onRedisError = (error: Error) => log.debug({ err: error }, "redis");
  const open = (use: RedisUse) => {
    const redis = openRedis(config.BATON_REDIS_URL, use).on("error", onRedisError);
    life.onClose(`redis ${use}`, () => redis.disconnect());
    return redis;
  };
  const redis = open("scripts");
  const shards = createShards(redis, config.BATON_NAMESPACE, config.BATON_SHARDS);
  const uses = createTokenUses();
  const pulse = life.use(new Pulse(redis, { namespace: config.BATON_NAMESPACE, sealsWith: config.BATON_KEYRING.newest.id, uses }));
  const settings = life.use(new RedisSettings(redis, log, { replicas: config.BATON_DURABILITY === "replicated" }));
  const queue = life.use(new HandoffQueue({ tags: shards.tags, connection: open("jobs"), onError: onRedisError }));
  const calls = createCallStore(shards);
  const vault = createVault(config.BATON_KEYRING);
  const endings = new EndedChannel(open("events"));
  const handoffs = createHandoffStore(shards);
  const directory = createDirectory(createConnectorStore(redis, config.BATON_NAMESPACE), () => pulse.registryVersion);
  const identify = createIdentifyToken({ directory, uses, now: () => pulse.now() });
  const refuseToken = createRefuseToken(createLoginLimit());
  const replicated = config.BATON_DURABILITY === "replicated" ? new Replication({ redis: open("replication"), shards }) : undefined;
  const withdrawals = life.use(
    new Withdrawals({
      handoffs,
      replicated: async (id) => replicated?.confirm(id, "any"),
      onFailed: (handoffId, why) => log.error({ handoffId, why }, "answered 503 and could not be withdrawn"),
    }),
  );
  const notices = life.use(
    new AuditNotices({
      audit: createAuditStore(redis, config.BATON_NAMESPACE),
      onFailed: (err) => log.warn({ err }, "a call's number is not in the audit yet"),
    }),
  );
  const accept = createAcceptHandoff({
    handoffs,
    resolveContact: createResolveContact({ calls }),
    queue,
    vault,
    // One that has ended may have been removed since: then its idempotency key alone tells of it.
    replicated: async ({ id, status }) => replicated?.confirm(id, hasEnded(status) ? "any" : {}),
    withdraw: (id, idempotency) => withdrawals.begin(id, idempotency),
    onJobMissing: (handoffId, err) => log.warn({ handoffId, err }, "accepted without a job; the reconciler adds it"),
    now: () => pulse.now(),
    maxPending: config.BATON_MAX_PENDING,
  });
  const app = await buildServer({
    log,
    version,
    trustedProxies: config.BATON_TRUSTED_PROXIES,
    onServed: metrics.observeRequest,
    health: { life, ready: async () => readinessOf(pulse, settings), metrics: () => scrape() },
    authenticate: refuseUnavailable(createAuthenticate({ identify, refuseToken })),
    acceptHandoff: refuseUnavailable(async (request) => {
      const accepted = await accept(request);
      if (!accepted.replayed) metrics.handoffsAccepted.inc({ connector: request.connector.id });
      return accepted;
    }),
    readHandoff: refuseUnavailable(createReadHandoff({ handoffs }), READING),
    cancelHandoff: refuseUnavailable(
      createCancelHandoff({
        handoffs,
        replicated: async (id) => replicated?.confirm(id, { st: "cancelled" }),
        wake: (jobId) => void queue.wake(jobId).catch(onRedisError),
        onCancelled: (connector) => metrics.handoffsEnded.inc({ connector, status: "cancelled", reason: "" }),
      }),
      "the queue cannot be reached; whether the handoff was taken back is not known, so read it",
    ),
    registerCall: refuseUnavailable(
      createRegisterCall({ calls, replicated: async (id) => replicated?.confirm(id), directory, now: () => pulse.now() }),
      "the queue cannot be reached; send the call again",
    ),
    noteNumber: createNoteNumber(notices),
    readCall: refuseUnavailable(createReadCall({ calls }), READING),
    readHandoffState: refuseUnavailable(createReadHandoffState({ identify, handoffs, search: createHandoffSearch(shards), calls, vault })),
    corsOrigins: config.BATON_CORS_ORIGINS,
    awaitEnding: createAwaitEnding({ handoffs, endings, closing: life.signal }),
    onRefused: (reason) => metrics.handoffsRefused.inc({ reason }),
  });

  function scrape(): Promise<string> {
    metrics.redisUp.set(pulse.up ? 1 : 0);
    metrics.clockOffsetSeconds.set(-pulse.offsetMs / 1_000);
    return metrics.text();
  }

  await pulse.start();
  const faults = await settings.start();
  if (faults.length > 0) throw new ConfigurationFault(faults);
  endings.open(shards);
  const url = await app.listen({ host: config.BATON_HOST, port: config.BATON_INGRESS_PORT, backlog: BACKLOG });
  life.use(app, "http server");
  return { url };
}
