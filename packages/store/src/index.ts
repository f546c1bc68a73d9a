export * from "./access-store.ts";
export * from "./admin-key-store.ts";
export { attentionNow, inAttention } from "./attention.ts";
export * from "./audit-notices.ts";
export * from "./audit-store.ts";
export * from "./bullmq.ts";
export * from "./call-store.ts";
export type { CauseGroup } from "./cause-store.ts";
export * from "./close-connector.ts";
export { findConnectionFault } from "./connection-fault.ts";
export * from "./connector-store.ts";
export * from "./dead-letter-store.ts";
export * from "./deletion-watch.ts";
export * from "./delivery-store.ts";
export * from "./directory.ts";
export * from "./ended-channel.ts";
export * from "./figures-store.ts";
export type { FixedPart, StoredHandoff } from "./handoff-record.ts";
export * from "./handoff-search.ts";
export * from "./handoff-store.ts";
export * from "./idempotency-key.ts";
export { shardTag } from "./keys.ts";
export * from "./maintenance-store.ts";
export { type RedisMemory, readMemory } from "./memory.ts";
export type { Page, PagePosition } from "./page.ts";
export * from "./process-store.ts";
export * from "./pulse.ts";
export * from "./readiness.ts";
export {
  connected,
  isUnavailable,
  openRedis,
  parseRedisUrl,
  type RedisConnection,
  type RedisTarget,
  type RedisUse,
} from "./redis.ts";
export { type RedisReport, type RedisServerReport, readRedisReport } from "./redis-report.ts";
export {
  judgeLogin,
  judgeRights,
  type RedisFindings,
  RedisSettings,
  readFindings,
  type SettingsFault,
  type SettingsLog,
} from "./redis-settings.ts";
export * from "./replication.ts";
export * from "./resume-connector.ts";
export { NoAnswer, OtherVersion } from "./script.ts";
export * from "./sealed-store.ts";
export { createShards, mustTagOf, type Shards } from "./shards.ts";
export * from "./token-store.ts";
export * from "./token-uses.ts";
