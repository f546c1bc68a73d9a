/** Redis as each process opens it: its connections, shards and settings, its heartbeat, and whether it is ready. */
import { openRedis, type RedisConnection, type RedisTarget, type RedisUse } from "@baton/redis/connection";
import { RequiredSettings, type SettingsFault, type SettingsLog } from "@baton/redis/required-settings";
import { createShards, type Shards } from "@baton/redis/shards";
import { judgeRedisReadiness, type RedisReadiness, startReadinessChecks } from "./check-redis-readiness.ts";
import { type ConnectorStore, createConnectorStore } from "./connector-store.ts";
import { Heartbeat, type HeartbeatOptions } from "./process-heartbeat.ts";

/** ProcessRedisConfig is what a process's configuration says of Redis. */
export interface ProcessRedisConfig {
  readonly BATON_REDIS_URL: RedisTarget;
  readonly BATON_NAMESPACE: string;
  readonly BATON_SHARDS: number;
  readonly BATON_DURABILITY: "local" | "replicated";
}

/** ProcessRedisOptions: `life` closes what is opened; `ring` and `uses` go with each heartbeat. */
export interface ProcessRedisOptions extends Pick<HeartbeatOptions, "ring" | "uses"> {
  readonly config: ProcessRedisConfig;
  readonly life: {
    use<T extends { close(): unknown }>(thing: T): T;
    onClose(name: string, close: () => unknown): void;
  };
  readonly log: SettingsLog & { debug(fields: object, message: string): void };
}

/** ProcessRedis is open, whether or not Redis answers yet. */
export interface ProcessRedis {
  /** The connection for scripts. */
  readonly redis: RedisConnection;
  readonly shards: Shards;
  readonly connectors: ConnectorStore;
  readonly settings: RequiredSettings;
  readonly heartbeat: Heartbeat;
  /** BATON_DURABILITY asks for a replica. */
  readonly isReplicated: boolean;
  /** Epoch milliseconds on Redis's clock. */
  now(): number;
  /** Opens another connection, for what must not share one. */
  openConnection(use: RedisUse): RedisConnection;
  /** For other connections to Redis: a lost connection is a line at level debug; readiness says the rest. */
  onRedisError(err: unknown): void;
  readiness(): RedisReadiness;
  /** Starts heartbeat and settings as `startReadinessChecks` does. */
  start(onReadiness: (readiness: RedisReadiness) => void): Promise<readonly SettingsFault[]>;
}

/** openRedisWithHeartbeat opens everything that ingress, worker and admin open alike. */
export function openRedisWithHeartbeat({ config, life, log, ...shown }: ProcessRedisOptions): ProcessRedis {
  const { BATON_REDIS_URL: target, BATON_NAMESPACE: namespace, BATON_SHARDS: shardCount } = config;
  const isReplicated = config.BATON_DURABILITY === "replicated";
  const onRedisError = (err: unknown) => log.debug({ err }, "redis");
  const openConnection = (use: RedisUse) => {
    const redis = openRedis(target, use).on("error", onRedisError);
    life.onClose(`redis ${use}`, () => redis.disconnect());
    return redis;
  };
  const redis = openConnection("scripts");
  const settings = life.use(new RequiredSettings(redis, log, { target, replicas: isReplicated }));
  const heartbeat = life.use(new Heartbeat(redis, { namespace, shards: shardCount, ...shown }));
  warnOfMoreShards(heartbeat, shardCount, log);
  return {
    redis,
    shards: createShards(redis, namespace, shardCount),
    connectors: createConnectorStore(redis, namespace),
    settings,
    heartbeat,
    isReplicated,
    now: () => heartbeat.now(),
    openConnection,
    onRedisError,
    readiness: () => judgeRedisReadiness(heartbeat, settings),
    start: (onReadiness) => startReadinessChecks(heartbeat, settings, onReadiness),
  };
}

/**
 * warnOfMoreShards warns once of each number of shards that another process was started with and that is above this
 * one's: it looks after none of the others.
 */
function warnOfMoreShards(heartbeat: Heartbeat, shards: number, log: SettingsLog): void {
  let warnedOf = shards;
  heartbeat.onHeartbeat(() => {
    const { shardsInUse } = heartbeat;
    if (shardsInUse <= warnedOf) return;
    warnedOf = shardsInUse;
    log.warn(
      { shards, shardsInUse },
      "a process was started with more shards; start this one with as many BATON_SHARDS",
    );
  });
}
