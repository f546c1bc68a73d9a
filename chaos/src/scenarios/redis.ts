/** Redis that dies, hangs, closes all connections or fails over. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Deployment } from "../deployment.ts";
import { waitForReplica, waitUntil } from "../redis-server.ts";
import type { Scenario } from "../scenario.ts";

const RESTART_MS = 1_000;
/**
 * A replica that is this far behind: enough for what was promised in the last moment to be on the master only.
 * Milliseconds.
 */
const LAG_MS = 100;

/** killRedis kills Redis and starts it again on what it kept. */
export async function killRedis(deployment: Deployment): Promise<void> {
  await deployment.incident("kill -9 of Redis", async () => {
    await deployment.redis.child().kill();
    await sleep(RESTART_MS);
    await deployment.redis.restart();
  });
}

/** stopRedis lets Redis hang. */
export async function stopRedis(deployment: Deployment, forMs: number): Promise<void> {
  await deployment.incident(`SIGSTOP of Redis for ${forMs} ms`, async () => {
    deployment.redis.child().signal("SIGSTOP");
    await sleep(forMs);
    deployment.redis.child().signal("SIGCONT");
  });
}

/** killConnections ends every client's connection. */
export async function killConnections(deployment: Deployment): Promise<void> {
  await deployment.incident("CLIENT KILL of all clients", async () => {
    await deployment.redis.command("CLIENT KILL TYPE normal SKIPME yes");
    await deployment.redis.command("CLIENT KILL TYPE pubsub");
  });
}

/** pauseRedis lets no command through for a while. */
export async function pauseRedis(deployment: Deployment, forMs: number): Promise<void> {
  await deployment.incident(`CLIENT PAUSE ${forMs}`, async () => {
    await deployment.redis.command(`CLIENT PAUSE ${forMs} ALL`);
    await sleep(forMs);
  });
}

/** failOver makes the replica the master, as an operator does: the master waits until it holds everything. */
export async function failOver(deployment: Deployment): Promise<void> {
  const replica = replicaOf(deployment);
  await deployment.incident("planned failover", async () => {
    await deployment.redis.command(`FAILOVER TO 127.0.0.1 ${replica.port}`);
    await waitUntil(async () => (await replica.command("ROLE")).includes("master"));
    for (const { redis } of deployment.processes) redis.turnTo(replica.port);
  });
}

/** loseMaster kills the master for good and makes the replica the master with what it has. */
async function loseMaster(deployment: Deployment): Promise<void> {
  const replica = replicaOf(deployment);
  await deployment.incident("kill -9 of the master, the replica takes over", async () => {
    await deployment.redis.child().kill();
    await replica.command("REPLICAOF NO ONE");
    for (const { redis } of deployment.processes) redis.turnTo(replica.port);
  });
}

/**
 * As long as the new master has no replica of its own, `replicated` accepts nothing: so the old one comes back as its
 * replica.
 */
async function replaceMaster(deployment: Deployment): Promise<void> {
  await loseMaster(deployment);
  await deployment.redis.restart();
  await deployment.redis.command(`REPLICAOF 127.0.0.1 ${replicaOf(deployment).port}`);
  await waitForReplica(deployment.redis);
}

function replicaOf({ replica }: Deployment) {
  if (replica === undefined) throw new Error("this setting has no replica");
  return replica;
}

const once = (act: (deployment: Deployment) => Promise<void>): Scenario["trouble"] => {
  return async (deployment) => {
    await deployment.producer.reached(0.4);
    await act(deployment);
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
    trouble: once((deployment) => stopRedis(deployment, 5_000)),
  },
  {
    name: "redis-hangs-40s",
    what: "SIGSTOP of Redis for 40 s, then SIGCONT",
    trouble: once((deployment) => stopRedis(deployment, 40_000)),
  },
  {
    name: "redis-client-kill",
    what: "CLIENT KILL of every connection, five times",
    async trouble(deployment) {
      for (const part of [0.2, 0.35, 0.5, 0.65, 0.8]) {
        await deployment.producer.reached(part);
        await killConnections(deployment);
      }
    },
  },
  {
    name: "redis-client-pause",
    what: "CLIENT PAUSE for 3 s",
    trouble: once((deployment) => pauseRedis(deployment, 3_000)),
  },
  {
    name: "redis-planned-failover",
    what: "FAILOVER to a replica: the master waits for it, then all clients are sent there",
    setting: { replicaDelayMs: 5 },
    trouble: once(failOver),
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
