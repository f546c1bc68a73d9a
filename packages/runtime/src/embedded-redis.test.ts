import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { afterEach, expect, it, vi } from "vitest";
import { type EmbeddedRedis, openEmbeddedRedis } from "./embedded-redis.ts";
import { createMemoryLog } from "./memory-log.ts";
import { findOnPath, isRedisAnsweringPing } from "./redis-child-process.ts";
import { startRedisContainer } from "./redis-container.ts";

const undo: (() => unknown)[] = [];
afterEach(async () => {
  vi.unstubAllEnvs();
  for (const each of undo.splice(0).toReversed()) await each();
});

const log = createMemoryLog();

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "baton-embedded-"));
  undo.push(() => rmSync(path, { recursive: true, force: true }));
  return path;
}

/** Opens the Redis that this machine has, also where the tests themselves were given one. */
async function open(options: { folder?: string } = {}): Promise<EmbeddedRedis> {
  vi.stubEnv("BATON_REDIS_URL", undefined);
  const redis = await openEmbeddedRedis({ log, ...options });
  undo.push(() => redis.close());
  return redis;
}

async function ask<T>({ url }: { url: string }, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}

function addressOf(url: string): { host: string; port: number } {
  const { hostname: host, port } = new URL(url);
  return { host, port: Number(port) };
}

async function gone(url: string): Promise<void> {
  while (await isRedisAnsweringPing(addressOf(url))) await sleep(20);
}

it("takes the Redis it is given, and leaves it alone", async () => {
  vi.stubEnv("BATON_REDIS_URL", "redis://db.example:6379");
  const redis = await openEmbeddedRedis({ log });
  expect(redis).toMatchObject({ url: "redis://db.example:6379", kind: "given" });
  await redis.close();
});

it("starts one that keeps everything on disk and evicts nothing", async () => {
  const redis = await open();
  const config = await ask(redis, (client) =>
    client.config("GET", "maxmemory-policy", "appendonly", "appendfsync", "save"),
  );
  expect(config).toEqual(expect.arrayContaining(["noeviction", "yes", "everysec"]));
  await redis.close();
  expect(await isRedisAnsweringPing(addressOf(redis.url))).toBe(false);
});

it("finds what it kept when it starts again in the same folder", async () => {
  const data = join(folder(), "made", "if", "need", "be");
  const first = await open({ folder: data });
  await ask(first, (client) => client.set("kept", "yes"));
  await first.close();
  expect(existsSync(data)).toBe(true);
  expect(await ask(await open({ folder: data }), (client) => client.get("kept"))).toBe("yes");
});

it("stops Redis with its parent, even when that is killed", async () => {
  const code = `
    import { openEmbeddedRedis } from ${JSON.stringify(new URL("./embedded-redis.ts", import.meta.url).href)};
    const log = { debug() {}, info() {}, warn() {}, error() {} };
    console.log((await openEmbeddedRedis({ log, folder: ${JSON.stringify(folder())} })).url);`;
  const { BATON_REDIS_URL: _, ...env } = process.env;
  const parent = spawn(
    process.execPath,
    ["--conditions=@baton/source", "--input-type=module-typescript", "--eval", code],
    { env },
  );
  const [url] = await once(createInterface(parent.stdout), "line");
  expect(await isRedisAnsweringPing(addressOf(url))).toBe(true);
  parent.kill("SIGKILL");
  await gone(url);
});

it("prefers redis-server to valkey-server wherever they are, and finds neither where there is none", () => {
  const [empty, valkey, redis] = [folder(), folder(), folder()];
  writeFileSync(join(valkey, "valkey-server"), "", { mode: 0o755 });
  writeFileSync(join(redis, "redis-server"), "", { mode: 0o755 });
  const find = (...folders: string[]) => findOnPath(["redis-server", "valkey-server"], folders.join(delimiter));
  expect(find(empty, valkey, redis)).toBe(join(redis, "redis-server"));
  expect(find(empty, valkey)).toBe(join(valkey, "valkey-server"));
  expect(find(empty)).toBeUndefined();
});

it("starts a container where Docker is, and nothing where it is not", async () => {
  // The reaper that testcontainers starts beside ours is an image more to fetch; this test stops its container itself.
  vi.stubEnv("TESTCONTAINERS_RYUK_DISABLED", "true");
  const docker = spawnSync("docker", ["info", "--format", "{{.ServerVersion}}"]).status === 0;
  const redis = await startRedisContainer(undefined);
  undo.push(() => redis?.close());
  const policy = redis && (await ask(redis, (client) => client.config("GET", "maxmemory-policy")));
  expect(policy).toEqual(docker ? ["maxmemory-policy", "noeviction"] : undefined);
});
