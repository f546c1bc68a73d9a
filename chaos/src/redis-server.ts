/** Redis servers as real processes, with their append-only file on, and the few commands that trouble is made with. */
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import getPort from "get-port";
import { type Child, startChild } from "./child-process.ts";
import { withClockOffset } from "./clock-offset.ts";

const HOST = "127.0.0.1";
/** Redis answers within so long of its start, or never. Milliseconds. */
const START_MS = 20_000;
/** One command, milliseconds. */
const ANSWER_MS = 5_000;
const QUIT_ANSWER = "+OK\r\n";

/** RedisServer is one server: it may be killed and started again on what it kept. */
export interface RedisServer {
  readonly port: number;
  readonly child: () => Child;
  /** Starts it again after a kill, and resolves once it answers. */
  restart(): Promise<void>;
  /** Sends one inline command and gives the answer as it came. */
  command(text: string): Promise<string>;
}

export interface RedisOptions {
  readonly name: string;
  readonly folder: string;
  /**
   * `always`: nothing that was answered is lost by a kill. `everysec`: what Redis had not handed to the kernel yet may
   * be.
   */
  readonly fsync: "always" | "everysec";
  readonly replicaOf?: number;
  /** One node of a cluster that is still to be made. */
  readonly isClusterNode?: boolean;
  /** How far its clock is ahead of this machine's, milliseconds; below 0: behind. */
  readonly clockOffsetMs?: number;
}

/** startRedis starts a server on a free port. */
export async function startRedis({
  name,
  folder,
  fsync,
  replicaOf,
  isClusterNode = false,
  clockOffsetMs = 0,
}: RedisOptions): Promise<RedisServer> {
  const port = await getPort({ host: HOST });
  const data = join(folder, name);
  mkdirSync(data, { recursive: true });
  const options = [
    "--bind",
    HOST,
    "--port",
    String(port),
    "--dir",
    data,
    "--appendonly",
    "yes",
    "--appendfsync",
    fsync,
  ];
  const more = ["--save", "", "--maxmemory-policy", "noeviction", "--repl-diskless-sync-delay", "0"];
  const replication = replicaOf === undefined ? [] : ["--replicaof", HOST, String(replicaOf)];
  const cluster = isClusterNode ? await clusterOptions() : [];
  const command = withClockOffset(clockOffsetMs, ["redis-server", ...options, ...more, ...replication, ...cluster]);
  const start = () => startChild({ command, env: {}, logFile: join(folder, `${name}.log`) });
  let child = start();
  const server: RedisServer = {
    port,
    child: () => child,
    async restart() {
      child = start();
      await answers(server);
    },
    command: (text) => ask(port, text),
  };
  await answers(server);
  return server;
}

/** waitForReplica resolves once a replica has its master's data and follows it. */
export async function waitForReplica(replica: RedisServer): Promise<void> {
  await waitUntil(async () => (await replica.command("INFO replication")).includes("master_link_status:up"));
}

/** waitUntil asks until the answer is yes; throws after `timeoutMs`. */
export async function waitUntil(ask: () => Promise<boolean>, timeoutMs = START_MS): Promise<void> {
  const endsAt = performance.now() + timeoutMs;
  for (;;) {
    if (await ask().catch(() => false)) return;
    if (performance.now() > endsAt) throw new Error(`waited ${timeoutMs} ms in vain: ${ask}`);
    await sleep(50);
  }
}

/** clusterOptions: nodes speak to each other on a port of their own, which is 10,000 higher unless said. */
async function clusterOptions(): Promise<readonly string[]> {
  const bus = await getPort({ host: HOST });
  return ["--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf", "--cluster-port", String(bus)];
}

async function answers(server: RedisServer): Promise<void> {
  await waitUntil(async () => (await server.command("PING")) === "+PONG");
}

/** ask sends one inline command on a connection of its own, and gives the whole answer, read until Redis has closed. */
async function ask(port: number, text: string): Promise<string> {
  const socket = connect(port, HOST);
  try {
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error("Redis does not answer")));
    await once(socket, "connect");
    socket.write(`${text}\r\nQUIT\r\n`);
    let answer = "";
    for await (const chunk of socket) answer += String(chunk);
    return answer.slice(0, -QUIT_ANSWER.length).trim();
  } finally {
    socket.destroy();
  }
}
