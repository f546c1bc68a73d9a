/**
 * Redis in trouble that passes: every process gets over it by itself, in the middle of traffic, with handoffs in
 * flight.
 */
import { expect, it } from "vitest";
import { startBatonOn } from "./world/baton-on-redis.ts";
import { startProcess } from "./world/process.ts";
import { eventually, freePort, HOST, type RedisServer, startRedisServer } from "./world/redis-server.ts";
import { NOTHING_WRONG, startTraffic } from "./world/traffic.ts";

const PER_SECOND = 50;
/** Answers waited for before, during and after. */
const SOME = 50;
/** How often every connection is closed, and how many answers come between. */
const TIMES = 20;
const FEW = 10;
/** CXone takes so long, so that signals are under way whenever trouble begins. Milliseconds. */
const SIGNAL_MS = 200;
/** Longer than any command is waited for. Milliseconds. */
const PAUSE_MS = 3_000;

type Traffic = ReturnType<typeof startTraffic>;

interface Trouble {
  readonly name: string;
  /** Makes trouble and ends it again. */
  readonly make: (redis: RedisServer, traffic: Traffic) => Promise<void>;
}

const TROUBLES: readonly Trouble[] = [
  {
    name: "it is shut down and started again",
    async make(redis, traffic) {
      await redis.stop();
      await traffic.untilMore("refused", SOME);
      await redis.start();
    },
  },
  {
    name: "CLIENT KILL TYPE normal closes every connection, again and again",
    async make(redis, traffic) {
      for (let time = 0; time < TIMES; time++) {
        await redis.redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
        await traffic.untilMore("accepted", FEW);
      }
    },
  },
  {
    name: "CLIENT PAUSE holds every command",
    async make(redis, traffic) {
      await redis.redis.client("PAUSE", PAUSE_MS, "ALL");
      await traffic.untilMore("refused", SOME);
    },
  },
  {
    name: "CLIENT PAUSE holds every write",
    async make(redis, traffic) {
      await redis.redis.client("PAUSE", PAUSE_MS, "WRITE");
      await traffic.untilMore("refused", SOME);
      await redis.redis.client("UNPAUSE");
    },
  },
  {
    name: "its memory is full",
    async make(redis, traffic) {
      await redis.redis.config("SET", "maxmemory", "1");
      await traffic.untilMore("refused", SOME);
      await redis.redis.config("SET", "maxmemory", "0");
    },
  },
  {
    name: "it becomes a replica and a master again",
    async make(redis, traffic) {
      await redis.redis.replicaof(HOST, await freePort());
      await traffic.untilMore("refused", SOME);
      await redis.redis.replicaof("NO", "ONE");
    },
  },
];

async function setup() {
  const redis = await startRedisServer();
  const baton = await startBatonOn(redis.url);
  const admin = await startProcess("admin", baton.env);
  baton.simulator.answer({ delayMs: SIGNAL_MS });
  return { redis, baton, processes: [baton.ingress, baton.worker, admin] };
}

it.each(TROUBLES)("all processes get over it by themselves when $name", async ({ make }) => {
  const { redis, baton, processes } = await setup();
  const traffic = startTraffic(baton.client, PER_SECOND);
  await traffic.untilMore("accepted", SOME);
  await make(redis, traffic);
  await traffic.untilMore("accepted", SOME);
  const ledger = await baton.settle(await traffic.stop());
  expect(ledger).toMatchObject(NOTHING_WRONG);
  expect(ledger.delivered).toBe(ledger.accepted);
  for (const { url } of processes) await eventually(async () => (await fetch(`${url}/readyz`)).status, 200);
});
