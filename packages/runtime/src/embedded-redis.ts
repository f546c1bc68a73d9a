/** The embedded Redis of `baton up`, the demo and the tests: whichever way this machine has of getting one. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readEnvironment } from "./environment-reader.ts";
import { redisUrl } from "./environment-variable-schemas.ts";
import type { Log } from "./log-interface.ts";
import { findOnPath, startRedisProcess } from "./redis-child-process.ts";
import { startRedisContainer } from "./redis-container.ts";

const EXECUTABLES = ["redis-server", "valkey-server"] as const;
const NO_REDIS =
  "no Redis found: set BATON_REDIS_URL, put redis-server or valkey-server on the PATH, start Docker, or run as root on Debian or Ubuntu to have redis-server installed";

/** RedisKind is where it came from: `given` by BATON_REDIS_URL, a `process` or a `container` of our own. */
type RedisKind = "given" | "process" | "container";

interface EmbeddedRedisOptions {
  readonly log: Log;
  /** Where Redis keeps its data, made if need be; without it, a folder of its own that goes when it closes. */
  readonly folder?: string;
}

/** EmbeddedRedis is a Redis that was given or started, and how. */
export interface EmbeddedRedis {
  readonly url: string;
  readonly kind: RedisKind;
  /** Stops what was started here, and leaves a given Redis alone. */
  close(): Promise<void>;
}

/**
 * openEmbeddedRedis tries, in this order: BATON_REDIS_URL; `redis-server` or `valkey-server` on the PATH; Docker; as
 * root on Debian or Ubuntu, installing `redis-server`. Throws one sentence that names them all.
 *
 * What it starts keeps an append-only file and evicts nothing. A process of ours listens on the loopback interface only
 * and stops with this one, however that ends; a container takes a password, and testcontainers removes it if it is
 * not closed.
 */
export async function openEmbeddedRedis({ log, folder }: EmbeddedRedisOptions): Promise<EmbeddedRedis> {
  const { BATON_REDIS_URL: given } = readEnvironment({ BATON_REDIS_URL: redisUrl.optional() });
  if (given !== undefined) return { url: given, kind: "given", close: async () => undefined };
  const kept = folder === undefined ? undefined : resolve(folder);
  if (kept !== undefined) mkdirSync(kept, { recursive: true });
  const redis = (await startOnPath(kept)) ?? (await startInDocker(kept, log)) ?? (await startInstalled(kept, log));
  if (redis === undefined) throw new Error(NO_REDIS);
  log.info({ address: new URL(redis.url).host, kind: redis.kind, folder: kept }, "started Redis");
  return redis;
}

async function startOnPath(folder: string | undefined): Promise<EmbeddedRedis | undefined> {
  const executable = findOnPath(EXECUTABLES);
  if (executable === undefined) return undefined;
  if (folder !== undefined) return { kind: "process", ...(await startRedisProcess(executable, folder)) };
  const path = mkdtempSync(join(tmpdir(), "baton-redis-"));
  const { url, close } = await startRedisProcess(executable, path);
  return { kind: "process", url, close: () => close().finally(() => rmSync(path, { recursive: true, force: true })) };
}

async function startInDocker(folder: string | undefined, log: Log): Promise<EmbeddedRedis | undefined> {
  try {
    const redis = await startRedisContainer(folder);
    return redis === undefined ? undefined : { kind: "container", ...redis };
  } catch (err) {
    log.warn({ err }, "Docker is there, but does not start Redis; trying without");
    return undefined;
  }
}

async function startInstalled(folder: string | undefined, log: Log): Promise<EmbeddedRedis | undefined> {
  const aptGet = findOnPath(["apt-get"]);
  if (process.getuid?.() !== 0 || aptGet === undefined) return undefined;
  log.info({}, "installing redis-server with apt-get");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const args of [["update"], ["install", "--yes", "--no-install-recommends", "redis-server"]]) {
    execFileSync(aptGet, ["--quiet", "--quiet", ...args], { env, stdio: ["ignore", "ignore", "inherit"] });
  }
  return await startOnPath(folder);
}
