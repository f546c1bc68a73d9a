/** Redis that dies, hangs, closes all connections or fails over. */
import { setTimeout as sleep } from "node:timers/promises";
import { inSync, until } from "../redis-server.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";

const RESTART_MS = 1_000;
/**
 * A replica that is this far behind: enough for what was promised in the last moment to be on the master only.
 * Milliseconds.
 */
const LAG_MS = 100;

/** killRedis kills Redis and starts it again on what it kept. */
export async function killRedis(stage: Stage): Promise<void> {
  await stage.incident("kill -9 of Redis", async () => {
    await stage.redis.child().kill();
    await sleep(RESTART_MS);
    await stage.redis.restart();
  });
}

/** stopRedis lets Redis hang. */
export async function stopRedis(stage: Stage, forMs: number): Promise<void> {
  await stage.incident(`SIGSTOP of Redis for ${forMs} ms`, async () => {
    stage.redis.child().signal("SIGSTOP");
    await sleep(forMs);
    stage.redis.child().signal("SIGCONT");
  });
}

/** throwOut ends every client's connection. */
export async function throwOut(stage: Stage): Promise<void> {
  await stage.incident("CLIENT KILL of all clients", async () => {
    await stage.redis.command("CLIENT KILL TYPE normal SKIPME yes");
    await stage.redis.command("CLIENT KILL TYPE pubsub");
  });
}

/** pauseRedis lets no command through for a while. */
export async function pauseRedis(stage: Stage, forMs: number): Promise<void> {
  await stage.incident(`CLIENT PAUSE ${forMs}`, async () => {
    await stage.redis.command(`CLIENT PAUSE ${forMs} ALL`);
    await sleep(forMs);
  });
}

/** handOver makes the replica the master, as an operator does: the master waits until it holds everything. */
export async function handOver(stage: Stage): Promise<void> {
  const replica = replicaOf(stage);
  await stage.incident("planned failover", async () => {
    await stage.redis.command(`FAILOVER TO 127.0.0.1 ${replica.port}`);
    await until(async () => (await replica.command("ROLE")).includes("master"));
    for (const { redis } of stage.members) redis.turnTo(replica.port);
  });
}

/** loseMaster kills the master for good and makes the replica the master with what it has. */
async function loseMaster(stage: Stage): Promise<void> {
  const replica = replicaOf(stage);
  await stage.incident("kill -9 of the master, the replica takes over", async () => {
    await stage.redis.child().kill();
    await replica.command("REPLICAOF NO ONE");
    for (const { redis } of stage.members) redis.turnTo(replica.port);
  });
}

/**
 * As long as the new master has no replica of its own, `replicated` accepts nothing: so the old one comes back as its
 * replica.
 */
async function replaceMaster(stage: Stage): Promise<void> {
  await loseMaster(stage);
  await stage.redis.restart();
  await stage.redis.command(`REPLICAOF 127.0.0.1 ${replicaOf(stage).port}`);
  await inSync(stage.redis);
}

function replicaOf({ replica }: Stage) {
  if (replica === undefined) throw new Error("this setting has no replica");
  return replica;
}

const once = (act: (stage: Stage) => Promise<void>): Scenario["trouble"] => {
  return async (stage) => {
    await stage.producer.reached(0.4);
    await act(stage);
  };
};

export const REDIS_SCENARIOS: readonly Scenario[] = [
  {
    name: "redis-killed",
    what: "kill -9 of Redis with an append-only file that is synced always, then started again",
    ci: true,
    setting: { fsync: "always" },
    trouble: once(killRedis),
  },
  {
    name: "redis-killed-everysec",
    what: "the same with an append-only file that is synced every second: what Redis had not written yet may be gone",
    mayForget: "anything",
    trouble: once(killRedis),
  },
  {
    name: "redis-hangs-5s",
    what: "SIGSTOP of Redis for 5 s, then SIGCONT",
    ci: true,
    trouble: once((stage) => stopRedis(stage, 5_000)),
  },
  {
    name: "redis-hangs-40s",
    what: "SIGSTOP of Redis for 40 s, then SIGCONT",
    trouble: once((stage) => stopRedis(stage, 40_000)),
  },
  {
    name: "redis-client-kill",
    what: "CLIENT KILL of every connection, five times",
    async trouble(stage) {
      for (const part of [0.2, 0.35, 0.5, 0.65, 0.8]) {
        await stage.producer.reached(part);
        await throwOut(stage);
      }
    },
  },
  { name: "redis-client-pause", what: "CLIENT PAUSE for 3 s", trouble: once((stage) => pauseRedis(stage, 3_000)) },
  {
    name: "redis-planned-failover",
    what: "FAILOVER to a replica: the master waits for it, then all clients are sent there",
    setting: { replicaDelayMs: 5 },
    trouble: once(handOver),
  },
  {
    name: "redis-master-lost",
    what: `kill -9 of a master whose replica is ${LAG_MS} ms behind: asynchronous replication cannot promise 0`,
    mayForget: "anything",
    setting: { replicaDelayMs: LAG_MS },
    trouble: once(loseMaster),
  },
  {
    name: "redis-master-lost-replicated",
    what: "the same with BATON_DURABILITY=replicated: what was accepted or begun is on the replica",
    setting: { replicaDelayMs: LAG_MS, env: { BATON_DURABILITY: "replicated" } },
    trouble: once(replaceMaster),
  },
];
