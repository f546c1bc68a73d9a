/** A Sentinel deployment of a test's own: a master, a replica and three sentinels as real processes. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { onTestFinished } from "vitest";
import { end, eventually, freePort, HOST, type RedisServer, spawnGuarded, startRedisServer } from "./redis-server.ts";

const MASTER = "baton";
const SENTINELS = 3;
const QUORUM = 2;
/** A master that is silent for so long is replaced. Milliseconds. */
const DOWN_AFTER_MS = 1_000;
/** Milliseconds. */
const FAILOVER_TIMEOUT_MS = 10_000;

/** Sentinel is the deployment; it ends with the test. */
export interface Sentinel {
  /** As BATON_REDIS_URL takes it. */
  readonly url: string;
  readonly master: RedisServer;
  readonly replica: RedisServer;
  /**
   * Asks the sentinels to make the replica the master, and resolves once all of them say so and the old master follows
   * it.
   */
  failOver(): Promise<void>;
  /** Resolves once the sentinels name the replica as the master. */
  untilFailedOver(): Promise<void>;
}

/**
 * startSentinel starts everything, and resolves once the sentinels know one another and the replica. With a `password`,
 * master and replica need it.
 */
export async function startSentinel({ password }: { readonly password?: string } = {}): Promise<Sentinel> {
  const master = await startRedisServer(["--repl-diskless-sync-delay", "0"]);
  const replica = await startRedisServer(["--repl-diskless-sync-delay", "0", "--replicaof", `${HOST} ${master.port}`]);
  await eventually(async () => (await replica.redis.info("replication")).includes("master_link_status:up"), true);
  if (password !== undefined) for (const server of [replica, master]) await protect(server, password);
  const sentinels: SentinelProcess[] = [];
  for (let count = 0; count < SENTINELS; count++) sentinels.push(await startOne(master.port, password));
  for (const { redis } of sentinels) {
    await eventually(async () => factsOf(await redis.call("SENTINEL", "MASTER", MASTER)), {
      port: String(master.port),
      replicas: "1",
      others: String(SENTINELS - 1),
    });
  }
  const untilFailedOver = async () => {
    for (const { redis } of sentinels) {
      await eventually(async () => factsOf(await redis.call("SENTINEL", "MASTER", MASTER)).port, String(replica.port));
    }
  };
  return {
    url: `redis+sentinel://${sentinels.map(({ port }) => `${HOST}:${port}`).join(",")}/${MASTER}`,
    master,
    replica,
    untilFailedOver,
    async failOver() {
      await sentinels[0]?.redis.call("SENTINEL", "FAILOVER", MASTER);
      await untilFailedOver();
      await eventually(
        async () => (await master.redis.info("replication")).includes(`master_port:${replica.port}`),
        true,
      );
    },
  };
}

interface SentinelProcess {
  readonly port: number;
  readonly redis: Redis;
}

async function protect({ redis }: RedisServer, password: string): Promise<void> {
  await redis.call("CONFIG", "SET", "masterauth", password, "requirepass", password);
  // For the test's own connection, when a failover closes it.
  redis.options.password = password;
}

async function startOne(masterPort: number, password?: string): Promise<SentinelProcess> {
  const folder = mkdtempSync(join(tmpdir(), "baton-sentinel-"));
  const port = await freePort();
  const file = join(folder, "sentinel.conf");
  // A sentinel writes into its own configuration, so it needs a file.
  writeFileSync(
    file,
    [
      `port ${port}`,
      `bind ${HOST}`,
      `dir ${folder}`,
      `sentinel monitor ${MASTER} ${HOST} ${masterPort} ${QUORUM}`,
      ...(password === undefined ? [] : [`sentinel auth-pass ${MASTER} ${password}`]),
      `sentinel down-after-milliseconds ${MASTER} ${DOWN_AFTER_MS}`,
      `sentinel failover-timeout ${MASTER} ${FAILOVER_TIMEOUT_MS}`,
      "",
    ].join("\n"),
  );
  const child = spawnGuarded(["redis-server", file, "--sentinel"]);
  const redis = new Redis(port, HOST, { maxRetriesPerRequest: null, retryStrategy: () => 50 }).on(
    "error",
    () => undefined,
  );
  onTestFinished(async () => {
    redis.disconnect();
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  });
  await redis.ping();
  return { port, redis };
}

/** factsOf reads the flat list of SENTINEL MASTER. */
function factsOf(reply: unknown): { readonly port: string; readonly replicas: string; readonly others: string } {
  const flat = reply as readonly string[];
  const field = (name: string) => flat[flat.indexOf(name) + 1] ?? "";
  return { port: field("port"), replicas: field("num-slaves"), others: field("num-other-sentinels") };
}
