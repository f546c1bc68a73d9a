/** A report on a Redis: its servers, and the health of a cluster or of the sentinels. For its operator. */
import type { Redis } from "ioredis";
import {
  mastersOf,
  openRedis,
  type RedisConnection,
  type RedisNode,
  type RedisTarget,
  waitForConnection,
} from "./connection.ts";
import { withCommandTimeout } from "./lua-script.ts";
import { readInfoField } from "./required-settings.ts";

/** RedisServerReport is one master. */
export interface RedisServerReport extends RedisMemory {
  /** host:port */
  readonly address: string;
  readonly version: string;
  readonly replicas: number;
}

/**
 * RedisReport: `trouble` is what a cluster or a sentinel says against itself; `readySentinels` answer and are content.
 */
export interface RedisReport {
  readonly kind: RedisTarget["kind"];
  readonly masters: readonly RedisServerReport[];
  readonly readySentinels: number;
  readonly troubles: readonly string[];
}

/**
 * readRedisReport asks every master, and every sentinel that `target` names. A master that does not answer beside
 * others that do is a trouble. Throws when none answers.
 */
export async function readRedisReport(redis: RedisConnection, target: RedisTarget): Promise<RedisReport> {
  const { masters, nodes, silent } = await readServers(mastersOf(redis));
  const report = { kind: target.kind, masters, readySentinels: 0, troubles: silent };
  switch (target.kind) {
    case "single":
      return report;
    case "cluster": {
      const troubles = await Promise.all(nodes.map(clusterTrouble));
      return { ...report, troubles: [...silent, ...new Set(troubles.flat())] };
    }
    case "sentinel": {
      const troubles = await Promise.all(target.nodes.map((node) => sentinelTrouble(node, target)));
      const readySentinels = troubles.filter((each) => each.length === 0).length;
      return { ...report, readySentinels, troubles: [...silent, ...troubles.flat()] };
    }
  }
}

/** readServers gives the masters that answer, and says which do not. */
async function readServers(nodes: readonly Redis[]) {
  const answers = await Promise.allSettled(nodes.map(readServer));
  const masters = answers.flatMap((answer) => (answer.status === "fulfilled" ? [answer.value] : []));
  const [failure] = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason] : []));
  if (masters.length === 0 && failure !== undefined) throw failure;
  const silent = nodes.filter((_, i) => answers[i]?.status === "rejected");
  return {
    masters,
    nodes: nodes.filter((node) => !silent.includes(node)),
    silent: silent.map(({ options: { host, port } }) => `the master ${host}:${port} does not answer`),
  };
}

async function readServer(node: Redis): Promise<RedisServerReport> {
  const info = await withCommandTimeout(node.info());
  const { host, port } = node.options;
  return {
    address: `${host}:${port}`,
    version: readInfoField(info, "valkey_version") ?? readInfoField(info, "redis_version") ?? "unknown",
    ...readMemory(info),
    replicas: Number(readInfoField(info, "connected_slaves") ?? 0),
  };
}

async function clusterTrouble(node: Redis): Promise<readonly string[]> {
  const info = String(await withCommandTimeout(node.cluster("INFO")));
  if (readInfoField(info, "cluster_state") === "ok") return [];
  return [`the cluster is not whole: ${readInfoField(info, "cluster_slots_ok") ?? "?"} of 16384 slots are served`];
}

/** sentinelTrouble asks a sentinel whether it and its like could make another server the master. */
async function sentinelTrouble(
  node: RedisNode,
  { master, login: { tls } }: RedisTarget & { kind: "sentinel" },
): Promise<readonly string[]> {
  const sentinel = openRedis({ kind: "single", node, login: tls ? { tls } : {} }, "scripts").on(
    "error",
    () => undefined,
  );
  try {
    await waitForConnection(sentinel);
    await withCommandTimeout((sentinel as Redis).call("SENTINEL", "CKQUORUM", master));
    return [];
  } catch (error) {
    return [`sentinel ${node.host}:${node.port}: ${error instanceof Error ? error.message : String(error)}`];
  } finally {
    sentinel.disconnect();
  }
}

/** RedisMemory in bytes, of one master; a limit of 0 is none. */
export interface RedisMemory {
  readonly usedBytes: number;
  readonly limitBytes: number;
}

/**
 * readFullestMasterMemory asks every master, and gives the fullest one's: a cluster refuses what belongs on a master
 * that is full, however empty the others are. Throws when one cannot be reached.
 */
export async function readFullestMasterMemory(redis: RedisConnection): Promise<RedisMemory> {
  const memories = await Promise.all(mastersOf(redis).map(readMemoryOf));
  return memories.reduce((one, other) => (isFuller(other, one) ? other : one), { usedBytes: 0, limitBytes: 0 });
}

async function readMemoryOf(master: Redis): Promise<RedisMemory> {
  return readMemory(await withCommandTimeout(master.info("memory")));
}

function readMemory(info: string): RedisMemory {
  return {
    usedBytes: Number(readInfoField(info, "used_memory") ?? 0),
    limitBytes: Number(readInfoField(info, "maxmemory") ?? 0),
  };
}

/** FULL_PART: a Redis that uses so much of its limit counts as full, as it has room one moment and none the next. */
const FULL_PART = 0.99;

/**
 * isAnyMasterFull says whether a master refuses what is new, or is about to. One that cannot be asked may have nothing
 * of Baton's: it is left out.
 */
export async function isAnyMasterFull(redis: RedisConnection): Promise<boolean> {
  const answers = await Promise.allSettled(mastersOf(redis).map((master) => withCommandTimeout(master.info("memory"))));
  return answers.some((answer) => answer.status === "fulfilled" && isFull(answer.value));
}

/** isFull leaves out what Redis itself leaves out of its limit: the buffers of replicas and of the append-only file. */
function isFull(info: string): boolean {
  const { usedBytes, limitBytes } = readMemory(info);
  const counted = usedBytes - Number(readInfoField(info, "mem_not_counted_for_evict") ?? 0);
  return limitBytes > 0 && counted >= FULL_PART * limitBytes;
}

/** One without a limit is never full: it counts only among its like. */
function isFuller(one: RedisMemory, other: RedisMemory): boolean {
  const [share, otherShare] = [one, other].map(({ usedBytes, limitBytes }) =>
    limitBytes === 0 ? 0 : usedBytes / limitBytes,
  ) as [number, number];
  return share === otherShare ? one.usedBytes > other.usedBytes : share > otherShare;
}
