/** A Sentinel deployment of a test's own: a master, a replica and three sentinels as real processes. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { onTestFinished } from "vitest";
import { end, eventually, freePort, HOST, type RedisServer, spawnGuarded, startRedisServer } from "./redis-server.ts";
import { asOptions, type Certificates, TLS_HOST, tlsSettings } from "./tls-redis.ts";

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

/** SentinelOptions: nothing is asked of clients unless said. */
interface SentinelOptions {
  /** Master and replica need it. */
  readonly password?: string;
  /** Master, replica and sentinels speak TLS among themselves, and master and replica with clients. */
  readonly certificates?: Certificates;
}

/** startSentinel starts everything, and resolves once the sentinels know one another and the replica. */
export async function startSentinel(options: SentinelOptions = {}): Promise<Sentinel> {
  const { password, certificates } = options;
  const master = await startServer(certificates);
  const replica = await startServer(certificates, master);
  await eventually(async () => (await replica.redis.info("replication")).includes("master_link_status:up"), true);
  if (password !== undefined) for (const server of [replica, master]) await protect(server, password);
  const sentinels: SentinelProcess[] = [];
  for (let count = 0; count < SENTINELS; count++) sentinels.push(await startOne(master.replicationPort, options));
  for (const { redis } of sentinels) {
    await eventually(async () => factsOf(await redis.call("SENTINEL", "MASTER", MASTER)), {
      port: String(master.replicationPort),
      replicas: "1",
      others: String(SENTINELS - 1),
    });
  }
  const untilFailedOver = async () => {
    for (const { redis } of sentinels) {
      await eventually(
        async () => factsOf(await redis.call("SENTINEL", "MASTER", MASTER)).port,
        String(replica.replicationPort),
      );
    }
  };
  return {
    url: `redis+sentinel://${sentinels.map(({ address }) => address).join(",")}/${MASTER}${certificates ? "?tls" : ""}`,
    master,
    replica,
    untilFailedOver,
    async failOver() {
      await sentinels[0]?.redis.call("SENTINEL", "FAILOVER", MASTER);
      await untilFailedOver();
      await eventually(
        async () => (await master.redis.info("replication")).includes(`master_port:${replica.replicationPort}`),
        true,
      );
    },
  };
}

/** Server is a master or a replica, with the port on which sentinels and replicas reach it. */
interface Server extends RedisServer {
  readonly replicationPort: number;
}

async function startServer(certificates: Certificates | undefined, master?: Server): Promise<Server> {
  const tlsPort = certificates && (await freePort());
  const server = await startRedisServer([
    ...["--repl-diskless-sync-delay", "0"],
    // A certificate is out to a name, not to an address.
    ...(tlsPort ? [...asOptions(tlsSettings(certificates, tlsPort)), "--replica-announce-ip", TLS_HOST] : []),
    ...(master ? ["--replicaof", `${certificates ? TLS_HOST : HOST} ${master.replicationPort}`] : []),
  ]);
  return { ...server, replicationPort: tlsPort ?? server.port };
}

interface SentinelProcess {
  /** As clients reach it. */
  readonly address: string;
  readonly redis: Redis;
}

async function protect({ redis }: RedisServer, password: string): Promise<void> {
  await redis.call("CONFIG", "SET", "masterauth", password, "requirepass", password);
  // For the test's own connection, when a failover closes it.
  redis.options.password = password;
}

async function startOne(masterPort: number, { password, certificates }: SentinelOptions): Promise<SentinelProcess> {
  const folder = mkdtempSync(join(tmpdir(), "baton-sentinel-"));
  const port = await freePort();
  const tlsPort = certificates && (await freePort());
  const file = join(folder, "sentinel.conf");
  // A sentinel writes into its own configuration, so it needs a file.
  writeFileSync(
    file,
    [
      `port ${port}`,
      `bind ${HOST}`,
      `dir ${folder}`,
      ...(tlsPort ? tlsLines(certificates, tlsPort) : []),
      `sentinel monitor ${MASTER} ${certificates ? TLS_HOST : HOST} ${masterPort} ${QUORUM}`,
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
  return { address: tlsPort ? `${TLS_HOST}:${tlsPort}` : `${HOST}:${port}`, redis };
}

/** tlsLines has a sentinel tell clients the names of servers, since that is what their certificates are out to. */
function tlsLines(certificates: Certificates, port: number): readonly string[] {
  const settings = tlsSettings(certificates, port);
  const lines = settings.flatMap((word, index) => (index % 2 === 0 ? [`${word} ${settings[index + 1]}`] : []));
  const names = [
    "sentinel resolve-hostnames yes",
    "sentinel announce-hostnames yes",
    `sentinel announce-ip ${TLS_HOST}`,
  ];
  return [...lines, ...names];
}

/** factsOf reads the flat list of SENTINEL MASTER. */
function factsOf(reply: unknown): { readonly port: string; readonly replicas: string; readonly others: string } {
  const flat = reply as readonly string[];
  const field = (name: string) => flat[flat.indexOf(name) + 1] ?? "";
  return { port: field("port"), replicas: field("num-slaves"), others: field("num-other-sentinels") };
}
