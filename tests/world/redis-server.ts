/** A Redis of a test's own, which it may kill, stop and starve: one real redis-server on a free port. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { expect, onTestFinished } from "vitest";

export const HOST = "127.0.0.1";
/** As Baton asks for it: kept on disk, nothing evicted. */
export const DURABLE = [
  "--appendonly",
  "yes",
  "--appendfsync",
  "everysec",
  "--save",
  "",
  "--maxmemory-policy",
  "noeviction",
] as const;
/** A cluster's nodes speak to one another on the port so much higher; both must be free. */
export const BUS_OFFSET = 10_000;
/** The shell becomes the server; the reader beside it stops the server when the test's pipe ends, however that came. */
const GUARD =
  'exec 3<&0; (cat <&3 >/dev/null 2>&1; kill -CONT $$; kill -KILL $$) 2>/dev/null & exec "$@" 3<&- </dev/null';

/** RedisServer is one server; it ends with the test. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Where it keeps its data, unless its options say otherwise. */
  readonly folder: string;
  /** A connection of the test's own; it waits while the server is away. */
  readonly redis: Redis;
  /** Ends it with SIGKILL, as a crash would. */
  kill(): Promise<void>;
  /** Ends it with SIGTERM, as an operator would. */
  stop(): Promise<void>;
  /** Starts it again on the same port, with what it kept; `options` hold until it ends. */
  start(options?: readonly string[]): Promise<void>;
  /** SIGSTOP: connections stay open, and nothing is answered. */
  hang(): void;
  /** SIGCONT. */
  resume(): void;
}

/**
 * startRedisServer starts a server with `options` on top of DURABLE; `wrapped` gives the command that runs it, where
 * that is another.
 */
export async function startRedisServer(
  options: readonly string[] = [],
  port?: number,
  wrapped = (command: readonly string[]) => command,
): Promise<RedisServer> {
  const own = port ?? (await freePort());
  const folder = mkdtempSync(join(tmpdir(), "baton-redis-"));
  const args = wrapped([
    "redis-server",
    "--bind",
    HOST,
    "--port",
    String(own),
    "--dir",
    folder,
    ...DURABLE,
    ...options,
  ]);
  let child = spawnGuarded(args);
  // It may be away for long: the test's own questions wait, and are asked again.
  const redis = new Redis(own, HOST, { maxRetriesPerRequest: null, retryStrategy: () => 50 }).on(
    "error",
    () => undefined,
  );
  onTestFinished(async () => {
    redis.disconnect();
    await end(child);
    rmSync(folder, { recursive: true, force: true });
  });
  await redis.ping();
  return {
    port: own,
    url: `redis://${HOST}:${own}`,
    folder,
    redis,
    kill: () => end(child),
    stop: () => end(child, "SIGTERM"),
    async start(changed = []) {
      child = spawnGuarded([...args, ...changed]);
      await redis.ping();
    },
    hang: () => void child.kill("SIGSTOP"),
    resume: () => void child.kill("SIGCONT"),
  };
}

/** spawnGuarded runs a server that does not outlive the test's process. */
export function spawnGuarded(args: readonly string[]): ChildProcess {
  return spawn("/bin/sh", ["-c", GUARD, "sh", ...args], { detached: true, stdio: ["pipe", "ignore", "inherit"] });
}

/** end ends a process, and resolves once it is gone. */
export async function end(child: ChildProcess, signal: NodeJS.Signals = "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, "exit");
  child.kill(signal);
  await exited;
  child.stdin?.destroy();
}

/**
 * freePort gives a port that is free, and whose cluster bus port is free too: get-port knows nothing of a second one.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    if ((await isFree(port)) && (await isFree(port + BUS_OFFSET))) return port;
  }
}

/** eventually waits until `look` gives `wanted`. */
export async function eventually<T>(look: () => Promise<T> | T, wanted: unknown, timeout = 45_000): Promise<void> {
  await expect.poll(look, { timeout, interval: 50 }).toEqual(wanted);
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const listening = await new Promise<boolean>((resolve) => {
    server.once("error", () => resolve(false)).listen(port, HOST, () => resolve(true));
  });
  if (!listening) return false;
  server.close();
  await once(server, "close");
  return true;
}
