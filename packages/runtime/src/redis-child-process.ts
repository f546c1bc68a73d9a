/** Redis as a child process: durable, on a free port of the loopback interface, gone when its parent is. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, constants } from "node:fs";
import { connect } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import getPort from "get-port";

const HOST = "127.0.0.1";
/** How often another process may take the free port first. */
const PORT_TRIES = 3;
/** STOP_MS is what Redis gets for its last write to disk, then it is killed. */
export const STOP_MS = 5_000;

/** What Baton demands of any Redis: kept on disk, nothing evicted. A snapshot beside the log would only cost. */
export const REDIS_OPTIONS = [
  "--appendonly",
  "yes",
  "--appendfsync",
  "everysec",
  "--save",
  "",
  "--maxmemory-policy",
  "noeviction",
] as const;

/**
 * GUARD runs Redis in the shell's own place and, beside it, a reader of the parent's pipe. The pipe ends when the
 * parent closes it or dies, even by kill -9; then Redis gets SIGTERM. So no test and no demo leaves a Redis behind.
 */
const GUARD = 'exec 3<&0; (cat <&3 >/dev/null 2>&1; kill -TERM $$ 2>/dev/null) & exec "$@" 3<&- </dev/null';

/** RunningRedis is a `redis-server` that this process started. */
export interface RunningRedis {
  readonly url: string;
  close(): Promise<void>;
}

/** findOnPath gives the first of `names` that the folders of `path` hold, as an absolute path. */
export function findOnPath(names: readonly string[], path: string = process.env.PATH ?? ""): string | undefined {
  const candidates = names.flatMap((name) => path.split(delimiter).map((folder) => join(folder, name)));
  return candidates.find((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** startRedisProcess starts `executable` with its data in `folder`, and resolves once it answers. */
export async function startRedisProcess(executable: string, folder: string): Promise<RunningRedis> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await startOn(await getPort({ host: HOST }), executable, folder);
    } catch (error) {
      if (attempt === PORT_TRIES) throw error;
    }
  }
}

async function startOn(port: number, executable: string, folder: string): Promise<RunningRedis> {
  const options = ["--bind", HOST, "--port", String(port), "--dir", folder, ...REDIS_OPTIONS];
  // Detached, so that a terminal's Ctrl-C reaches Baton alone, which closes Redis last.
  const child = spawn("/bin/sh", ["-c", GUARD, "sh", executable, ...options], {
    detached: true,
    stdio: ["pipe", "pipe", "ignore"],
  });
  const ended = new AbortController();
  let output = "";
  child.stdout.on("data", (text) => {
    output = `${output}${text}`.slice(-2_000);
  });
  const exit = once(child, "exit").then(() => {
    child.stdin.destroy();
    ended.abort(new Error(`${executable} ended before it answered:\n${output}`));
  });
  const close = async () => {
    child.stdin.destroy();
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    await exit;
    clearTimeout(timer);
  };
  try {
    await waitForRedis({ host: HOST, port }, ended.signal);
  } catch (error) {
    await close();
    throw error;
  }
  return { url: `redis://${HOST}:${port}`, close };
}

/** READY_MS is how long Redis may load what it kept: an AOF of a few gigabytes. */
const READY_MS = 60_000;
/** One question and its answer on this machine. */
const PING_MS = 1_000;
const BETWEEN_PINGS_MS = 25;

interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** waitForRedis resolves once PING is answered with PONG; it rejects when `signal` aborts, or after a minute. */
async function waitForRedis(address: RedisAddress, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + READY_MS;
  while (!(await isRedisAnsweringPing(address))) {
    signal.throwIfAborted();
    if (performance.now() > deadline)
      throw new Error(`Redis at ${address.host}:${address.port} did not answer PING within ${READY_MS} ms`);
    await sleep(BETWEEN_PINGS_MS);
  }
  // Who answered may be another Redis, on the port that ours could not have.
  signal.throwIfAborted();
}

/** isRedisAnsweringPing says whether Redis answers there, and is done loading. */
export async function isRedisAnsweringPing({ host, port }: RedisAddress): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    socket.write("PING\r\n");
    const [answer] = await once(socket, "data", { signal: AbortSignal.timeout(PING_MS) });
    return String(answer).startsWith("+PONG");
  } catch {
    // Not there, or not yet: the question was only whether.
    return false;
  } finally {
    socket.on("error", () => undefined).destroy();
  }
}
