/** The only file that joins ingress's parts; the lifecycle closes them newest first. */
import { hasEnded } from "@baton/domain";
import { createHandoffStore } from "@baton/handoffs";
import { CompletionChannel } from "@baton/handoffs/handoff-completion-channel";
import { createHandoffSearch } from "@baton/handoffs/handoff-search";
import { createRecordSenderAnswer } from "@baton/handoffs/record-sender-answers-on-handoffs";
import { createRegisteredCallStore } from "@baton/handoffs/registered-call-store";
import { ReplicaConfirmation } from "@baton/handoffs/replica-confirmation";
import { requireShardTagOfId } from "@baton/redis/shards";
import { createAuditStore } from "@baton/registry/audit-store";
import { createConnectorCache } from "@baton/registry/connector-cache";
import { openRedisWithHeartbeat } from "@baton/registry/open-redis-with-heartbeat";
import { RefusalAuditSampler } from "@baton/registry/refusal-audit-sampler";
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
import { createVault, listKeyringKeyIds } from "@baton/vault";
import { createAcceptHandoff, type HandoffRequest } from "./accept-handoff.ts";
import { createAddJobWithRetries } from "./add-job-with-retries.ts";
import { createAuthenticate, createFindConnectorByToken, createRefuseWrongToken } from "./authenticate-token.ts";
import { buildServer } from "./build-http-server.ts";
import { createCancelHandoff } from "./cancel-handoff.ts";
import { createFindContactOfHandoff } from "./find-contact-of-handoff.ts";
import { createListHandoffs, createReadHandoff, createSealedHandoffCursors } from "./get-and-list-handoffs.ts";
import { traceAcceptHandoff } from "./handoff-acceptance-telemetry.ts";
import { HandoffWithdrawalsAfter503 } from "./handoff-withdrawals-after-503.ts";
import type { IngressConfig } from "./ingress-config.ts";
import { createReadAgentScreenPop } from "./read-agent-screen-pop.ts";
import { createReadRegisteredCall, createRegisterInboundCall } from "./registered-calls.ts";
import { refuseWhenRedisUnavailable } from "./shared-refusals.ts";
import { createAuditUnknownNumberCall } from "./unknown-number-calls.ts";
import { createWaitForCompletion } from "./wait-for-completion.ts";

/**
 * TCP_BACKLOG is how many connections may wait to be accepted: a burst past Node's 511 waits for TCP's retries, seconds
 * long.
 */
const TCP_BACKLOG = 4_096;

/** TOKEN_UNAVAILABLE is the text for a caller whose token cannot be checked, whatever was wanted. */
const TOKEN_UNAVAILABLE =
  "the queue cannot be reached, so the token cannot be checked; nothing was done, so send it again";

/** READ_UNAVAILABLE is the text for a caller that wanted to read. */
const READ_UNAVAILABLE = "the queue cannot be reached; ask again";

/** Ingress: where it listens. */
export interface Ingress {
  readonly url: string;
}

/** composeIngress opens everything and listens; `life` owns what it opened. */
export async function composeIngress(config: IngressConfig, life: Lifecycle, log: Log): Promise<Ingress> {
  const version = packageVersion(import.meta.url);
  const tracing = await openTracing({ config, life, log, service: "baton-ingress", version });
  const metrics = createMetrics({ version, hasExemplars: tracing !== undefined });
  const parts = { ...openParts(config, life, log), tracing };
  metrics.observeRedis(parts.heartbeat);
  const app = await buildServer(composeServer(parts, metrics));
  const faults = await parts.start(createReadinessLog(log));
  if (faults.length > 0) throw new ConfigurationFault(faults);
  const address = { host: config.BATON_HOST, port: config.BATON_INGRESS_PORT, variable: "BATON_INGRESS_PORT" };
  const url = await bindPort(address, () => app.listen({ ...address, backlog: TCP_BACKLOG }));
  life.use(app, "http server");
  life.use(watchDeletions(parts, metrics)).start();
  return { url };
}

/** Parts with `tracing` undefined: nothing is traced. */
type Parts = ReturnType<typeof openParts> & { readonly tracing: Tracing | undefined };

/** openParts opens what this process has of its own beside Redis. */
function openParts(config: IngressConfig, life: Lifecycle, log: Log) {
  const uses = createTokenUseBuffer();
  const ring = { role: "ingress", keyIds: listKeyringKeyIds(config.BATON_KEYRING) } as const;
  const opened = openRedisWithHeartbeat({ config, life, log, ring, uses });
  const { redis, shards, connectors, now, heartbeat, openConnection } = opened;
  const connectorCache = createConnectorCache(connectors, () => heartbeat.registryVersion);
  return {
    ...opened,
    config,
    life,
    log,
    connectorCache,
    calls: createRegisteredCallStore(shards),
    vault: createVault(config.BATON_KEYRING),
    endings: new CompletionChannel(openConnection("events"), shards),
    handoffs: createHandoffStore(shards),
    findConnectorByToken: createFindConnectorByToken({
      connectorCache,
      uses,
      requireShard: (connectorId) => void requireShardTagOfId(shards, "cn", connectorId),
      now,
    }),
    replication: opened.isReplicated
      ? new ReplicaConfirmation({ redis: openConnection("replication"), shards })
      : undefined,
    auditSampler: life.use(
      new RefusalAuditSampler({
        audit: createAuditStore(redis, config.BATON_NAMESPACE),
        now,
        onFailed: (err) => log.warn({ err }, "a call's number is not in the audit yet"),
      }),
    ),
  };
}

/** composeServer gives each route its use case. */
function composeServer(parts: Parts, metrics: Metrics): Parameters<typeof buildServer>[0] {
  const { config, life, log, readiness, findConnectorByToken, calls, handoffs, vault, endings, tracing } = parts;
  const search = createHandoffSearch(parts.shards);
  const recordAnswer = createRecordSenderAnswer(parts.shards);
  return {
    log,
    version: packageVersion(import.meta.url),
    trustedProxies: config.BATON_TRUSTED_PROXIES,
    onServed: metrics.observeRequest,
    beginSpan: tracing && createBeginWriteRequestSpan(tracing),
    health: { life, ready: async () => readiness(), metrics: (accept) => metrics.expose(accept) },
    authenticate: refuseWhenRedisUnavailable(
      createAuthenticate({ findConnectorByToken, refuseWrongToken: createRefuseWrongToken(createLoginLimit()) }),
      TOKEN_UNAVAILABLE,
    ),
    acceptHandoff: composeAccept(parts, metrics),
    readHandoff: refuseWhenRedisUnavailable(createReadHandoff({ handoffs }), READ_UNAVAILABLE),
    listHandoffs: refuseWhenRedisUnavailable(
      createListHandoffs({ search, cursors: createSealedHandoffCursors(vault) }),
      READ_UNAVAILABLE,
    ),
    cancelHandoff: composeCancel(parts, metrics),
    registerCall: composeRegisterCall(parts),
    auditUnknownNumber: createAuditUnknownNumberCall(parts.auditSampler),
    readCall: refuseWhenRedisUnavailable(createReadRegisteredCall({ calls }), READ_UNAVAILABLE),
    readScreenPop: refuseWhenRedisUnavailable(
      createReadAgentScreenPop({ findConnectorByToken, handoffs, search, calls, vault }),
    ),
    corsOrigins: config.BATON_CORS_ORIGINS,
    waitForCompletion: createWaitForCompletion({ handoffs, endings, closing: life.signal, now: parts.now }),
    onRefused: (reason) => metrics.handoffsRefused.inc({ reason }),
    // Operators are shown it, and nothing depends on it: where Redis does not take it, it is not known.
    onAnswered: (answer) => void recordAnswer(answer).catch(() => undefined),
  };
}

function composeAccept(parts: Parts, metrics: Metrics) {
  const { config, life, log, heartbeat, handoffs, calls, vault, replication, tracing } = parts;
  const withdrawals = life.use(
    new HandoffWithdrawalsAfter503({
      handoffs,
      waitUntilReplicated: async (id) => replication?.confirm(id, "any"),
      onFailed: ({ id, correlation }, why, err) =>
        log.error({ handoffId: id, why, err, ...correlation }, "answered 503 and could not be withdrawn"),
    }),
  );
  const accept = createAcceptHandoff({
    handoffs,
    findContactOfHandoff: createFindContactOfHandoff({ calls }),
    vault,
    // One that has ended may have been removed since: then only its idempotency key is left of it.
    waitUntilReplicated: ({ id, status }) => replication?.confirm(id, hasEnded(status) ? "any" : {}),
    withdraw: (refused) => withdrawals.begin(refused),
    addJobWithRetries: createAddJobWithRetries({
      handoffs,
      closing: life.signal,
      onFailed: ({ handoff, correlation }, err) =>
        log.warn({ handoffId: handoff.id, err, ...correlation }, "accepted without a job; the reconciler gives it one"),
    }),
    now: () => heartbeat.now(),
    maxPending: config.BATON_MAX_PENDING,
    pausedUntil: () => heartbeat.pausedUntil,
  });
  const acceptTraced = tracing === undefined ? accept : traceAcceptHandoff(accept, tracing);
  return refuseWhenRedisUnavailable(async (request: HandoffRequest) => {
    const accepted = await acceptTraced(request);
    if (!accepted.replayed) metrics.handoffsAccepted.inc({ connector: request.connector.id });
    return accepted;
  });
}

function composeCancel({ handoffs, replication }: Parts, metrics: Metrics) {
  const cancel = createCancelHandoff({
    handoffs,
    waitUntilReplicated: async (id) => replication?.confirm(id, { st: "cancelled" }),
    onCancelled: (connector) => metrics.handoffsEnded.inc({ connector, status: "cancelled", reason: "" }),
  });
  return refuseWhenRedisUnavailable(
    cancel,
    "the queue cannot be reached; whether the handoff was taken back is not known, so read it",
  );
}

function composeRegisterCall({ calls, connectorCache, heartbeat, replication }: Parts) {
  const register = createRegisterInboundCall({
    calls,
    waitUntilReplicated: async (id) => replication?.confirm(id),
    connectorCache,
    now: () => heartbeat.now(),
  });
  return refuseWhenRedisUnavailable(register, "the queue cannot be reached; send the call again");
}

/** watchDeletions drops what was counted of connectors that were deleted. */
function watchDeletions({ connectors, heartbeat, log }: Parts, metrics: Metrics): DeletedConnectorWatcher {
  return new DeletedConnectorWatcher({
    connectors,
    version: () => heartbeat.registryVersion,
    kept: () => metrics.connectors(),
    forget: (ids) => metrics.forgetConnectors(ids),
    onError: (err) => log.error({ err }, "deleted connectors could not be looked for"),
  });
}
