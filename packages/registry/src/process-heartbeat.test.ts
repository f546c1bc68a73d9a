import { randomBytes } from "node:crypto";
import { openRedis } from "@baton/redis/connection";
import { readRedisTime } from "@baton/redis/lua-script";
import { expect, it, onTestFinished } from "vitest";
import { createConnector } from "../../domain/testing/connector.ts";
import { openTestRedis } from "../../redis/testing/redis.ts";
import { judgeRedisReadiness } from "./check-redis-readiness.ts";
import { createConnectorStore } from "./connector-store.ts";
import { Heartbeat } from "./process-heartbeat.ts";
import type { ProcessRole } from "./process-store.ts";

const newNamespace = () => `t${randomBytes(6).toString("hex")}`;

async function setup(role?: ProcessRole, namespace = newNamespace()) {
  const redis = await openTestRedis();
  const heartbeat = new Heartbeat(redis, { namespace, ...(role && { ring: { role, keyIds: ["k1"] } }) });
  onTestFinished(() => heartbeat.close());
  return { redis, namespace, heartbeat };
}

it("knows nothing and says so before its first heartbeat", async () => {
  const { heartbeat } = await setup();
  expect([
    heartbeat.up,
    heartbeat.upForMs,
    heartbeat.offsetMs,
    heartbeat.registryVersion,
    heartbeat.paused,
    heartbeat.workers,
  ]).toEqual([false, 0, 0, undefined, false, 0]);
});

it("gives Redis's time, carried on between heartbeats", async () => {
  const { heartbeat, redis } = await setup();
  await heartbeat.send();
  const before = await readRedisTime(redis, "");
  const now = heartbeat.now();
  const after = await readRedisTime(redis, "");
  // Half of a round trip and the cut to whole milliseconds is what it can be off.
  expect(now).toBeGreaterThan(before - 1_000);
  expect(now).toBeLessThan(after + 1_000);
  expect(Number.isInteger(now)).toBe(true);
});

it("counts each worker once, also two of one machine and pid, other processes not, and who only looks not at all", async () => {
  const one = await setup("worker");
  const two = await setup("worker", one.namespace);
  const admin = await setup("admin", one.namespace);
  const looker = await setup(undefined, one.namespace);
  for (const { heartbeat } of [one, one, two, admin, looker, looker]) await heartbeat.send();
  expect(looker.heartbeat.workers).toBe(2);
  const key = `{${one.namespace}}:processes:worker`;
  const [member = ""] = await one.redis.zrange(key, "0", "0");
  await one.redis.zadd(key, await readRedisTime(one.redis, ""), member);
  await expect
    .poll(async () => {
      await looker.heartbeat.send();
      return looker.heartbeat.workers;
    })
    .toBe(1);
});

it("sees every change of the registry, and everything's pause", async () => {
  const { heartbeat, redis, namespace } = await setup();
  await heartbeat.start();
  expect([heartbeat.registryVersion, heartbeat.paused, heartbeat.up]).toEqual([0, false, true]);
  const connector = createConnector();
  await createConnectorStore(redis, namespace).create({ connector, credentials: "sealed" });
  await createConnectorStore(redis, namespace).pauseEverything({ paused: true });
  const version = Number(await redis.hget(`{${namespace}}:meta`, "version"));
  expect(version).toBeGreaterThan(0);
  await expect.poll(() => [heartbeat.registryVersion, heartbeat.paused], { timeout: 20_000 }).toEqual([version, true]);
});

it("finds fault with fewer shards than were in use when it began, not with others that begin with more", async () => {
  const { redis, namespace } = await setup();
  const start = async (shards: number) => {
    const heartbeat = new Heartbeat(redis, { namespace, shards });
    await heartbeat.send();
    return heartbeat;
  };
  const three = await start(3);
  const five = await start(5);
  const four = await start(4);
  await three.send();
  expect([three.shardsFault, five.shardsFault]).toEqual([undefined, undefined]);
  expect(four.shardsFault).toBe("BATON_SHARDS: 5 shards are in use, and their number may only rise; give 5 or more");
  expect(judgeRedisReadiness(four)).toMatchObject({ ok: false, detail: four.shardsFault });
});

it("is down as soon as one heartbeat goes unanswered, keeps its clock, and trusts no cache", async () => {
  const { heartbeat, redis } = await setup();
  await heartbeat.send();
  redis.disconnect();
  await heartbeat.send();
  expect([heartbeat.up, heartbeat.upForMs, heartbeat.registryVersion]).toEqual([false, 0, undefined]);
  expect(Math.abs(heartbeat.now() - Date.now() - heartbeat.offsetMs)).toBeLessThan(1_000);
  expect(judgeRedisReadiness(heartbeat)).toEqual({ ok: false, reason: "redis", detail: "Redis does not answer" });
});

it("starts though there is no Redis", async () => {
  const redis = openRedis({ kind: "single", node: { host: "127.0.0.1", port: 1 }, login: {} }, "scripts");
  redis.on("error", () => undefined);
  onTestFinished(() => redis.disconnect());
  const heartbeat = new Heartbeat(redis, { namespace: "none" });
  onTestFinished(() => heartbeat.close());
  await heartbeat.start();
  expect(heartbeat.up).toBe(false);
});

it.each([
  [0, true],
  [1_000, true],
  [-1_000, true],
  [1_001, false],
  [-1_001, false],
])("with a clock %i ms off, ready is %s", (offsetMs, ok) => {
  expect(judgeRedisReadiness({ up: true, failure: undefined, shardsFault: undefined, offsetMs }).ok).toBe(ok);
});
