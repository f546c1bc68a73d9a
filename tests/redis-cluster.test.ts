/** Redis Cluster: three masters with a replica each, and at least one shard of Baton on each of them. */
import { createBatonClient } from "@baton/api";
import { isRedisUnavailable, openRedis, parseRedisUrl } from "@baton/redis/connection";
import { Cluster } from "ioredis";
import { expect, it, onTestFinished } from "vitest";
import { startBatonOn } from "./world/baton-on-redis.ts";
import { startCluster } from "./world/cluster.ts";
import { runToEnd } from "./world/process.ts";
import { eventually } from "./world/redis-server.ts";
import { NOTHING_WRONG, startTraffic, trySend } from "./world/traffic.ts";
import { createWorld } from "./world/world.ts";

/** Three would leave a master without one for half of all namespaces. */
const SHARDS = 4;
const PER_SECOND = 15;
const SOME = 45;
/** CXone takes so long, so that signals are under way when a master changes. Milliseconds. */
const SIGNAL_MS = 200;
const PATIENCE_MS = 180_000;

async function setup(environment: Readonly<Record<string, string>> = {}) {
  const cluster = await startCluster();
  const baton = await startBatonOn(cluster.url, { environment: { BATON_SHARDS: String(SHARDS), ...environment } });
  const others = await Promise.all([1, 2, 3].map((shard) => baton.createConnector({ shard })));
  const clients = [
    baton.client,
    ...others.map(({ token }) => createBatonClient({ ingressUrl: baton.ingress.url, token })),
  ];
  for (const client of clients) await eventually(async () => (await trySend(client)).kind, "accepted");
  baton.simulator.answer({ delayMs: SIGNAL_MS });
  /** Traffic of a connector on each shard. */
  const startAll = () => {
    const all = clients.map((client) => startTraffic(client, PER_SECOND));
    return {
      untilMore: (kind: "accepted" | "refused", count: number) =>
        Promise.all(all.map((traffic) => traffic.untilMore(kind, count))),
      stop: async () => (await Promise.all(all.map((traffic) => traffic.stop()))).flat(),
    };
  };
  /** A handoff is read by its own connector only. */
  const read = async (id: string) => {
    for (const client of clients) {
      const found = await client.get(id).catch(() => undefined);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  return {
    cluster,
    baton: { ...baton, settle: (answers: Parameters<typeof baton.settle>[0]) => baton.settle(answers, read) },
    startAll,
  };
}

it(
  "sends a command no second time whose answer was lost with a node's connection",
  async () => {
    const { url } = await startCluster();
    const redis = openRedis(parseRedisUrl(url), "scripts").on("error", () => undefined);
    const other = openRedis(parseRedisUrl(url), "events").on("error", () => undefined);
    onTestFinished(() => [redis, other].forEach((each) => void each.disconnect()));
    await eventually(() => redis.set("{lost}:there", "1").catch(String), "OK");
    const streams = redis instanceof Cluster ? redis.nodes("master").map(({ stream }) => stream) : [];
    for (const stream of streams) stream?.pause();
    const asked = redis.rpush("{lost}:pushed", "once").catch((error: unknown) => error);
    await eventually(() => other.llen("{lost}:pushed"), 1);
    for (const stream of streams) stream?.destroy();
    expect(isRedisUnavailable(await asked)).toBe(true);
    await eventually(() => redis.set("{lost}:there", "2").catch(String), "OK");
    expect(await other.llen("{lost}:pushed")).toBe(1);
  },
  PATIENCE_MS,
);

it(
  "loses nothing when each master is replaced in a planned failover in the middle of traffic",
  async () => {
    const { cluster, baton, startAll } = await setup();
    const traffic = startAll();
    await traffic.untilMore("accepted", SOME);
    for (const { replica } of await cluster.pairs()) {
      await cluster.failOver(replica);
      await traffic.untilMore("accepted", SOME);
    }
    const ledger = await baton.settle(await traffic.stop());
    expect(ledger).toMatchObject(NOTHING_WRONG);
    expect(ledger.delivered).toBe(ledger.accepted);
  },
  PATIENCE_MS,
);

it("does not start when a single one of its masters evicts", async () => {
  const cluster = await startCluster();
  const { env } = await createWorld({ BATON_REDIS_URL: cluster.url, BATON_SHARDS: String(SHARDS) });
  const [, , last] = await cluster.pairs();
  if (last === undefined) throw new Error("the cluster has too few masters");
  await last.master.redis.config("SET", "maxmemory-policy", "allkeys-lfu");
  const { code, stderr } = await runToEnd("ingress", env);
  expect(code).toBe(78);
  expect(stderr).toContain("its maxmemory-policy is allkeys-lfu");
});

it.each([
  { name: "dies", strike: "kill", revive: "start" },
  { name: "hangs", strike: "hang", revive: "resume" },
] as const)(
  "loses nothing that a replica had when a master $name in the middle of traffic, and goes on with its successor",
  async ({ strike, revive }) => {
    const { cluster, baton, startAll } = await setup({ BATON_DURABILITY: "replicated" });
    const traffic = startAll();
    await traffic.untilMore("accepted", SOME);
    const [, pair] = await cluster.pairs();
    if (pair === undefined) throw new Error("the cluster has too few masters");
    await pair.master[strike]();
    await cluster.untilMaster(pair.replica);
    // The successor needs a replica of its own before anything is safe again.
    await pair.master[revive]();
    await traffic.untilMore("accepted", SOME);
    const ledger = await baton.settle(await traffic.stop());
    expect(ledger).toMatchObject(NOTHING_WRONG);
    expect(ledger.delivered).toBe(ledger.accepted);
  },
  PATIENCE_MS,
);
