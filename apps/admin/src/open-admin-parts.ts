/** What admin has open: Redis, its stores and CXone's client; the lifecycle closes them newest first. */
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
import { createConsoleSessionStore } from "@baton/registry/console-session-store";
import { createDeadLetterCauseStateStore } from "@baton/registry/dead-letter-cause-state-store";
import { openRedisWithHeartbeat } from "@baton/registry/open-redis-with-heartbeat";
import { RefusalAuditSampler } from "@baton/registry/refusal-audit-sampler";
import { createRunStore } from "@baton/registry/run-store";
import { createTokenUseBuffer } from "@baton/registry/token-use-buffer";
import type { Lifecycle, Log } from "@baton/runtime";
import type { Tracing } from "@baton/telemetry";
import { listKeyringKeyIds } from "@baton/vault";
import type { AdminConfig } from "./admin-config.ts";
import type { ExpireOverdueBeforeReading } from "./expire-overdue-before-reading.ts";
import type { ReadConnectorsByUrgency } from "./read-connectors-by-urgency.ts";

/** AdminParts is what admin's parts are made of; `tracing` undefined: nothing is traced. */
export type AdminParts = ReturnType<typeof openAdminParts> & {
  readonly readConnectorsByUrgency: ReadConnectorsByUrgency;
  readonly expireOverdue: ExpireOverdueBeforeReading;
  readonly tracing: Tracing | undefined;
};

/** openAdminParts opens Redis, and what this process has of its own beside it. */
export function openAdminParts(config: AdminConfig, life: Lifecycle, log: Log) {
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
