import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { readRedisTime } from "@baton/redis/lua-script";
import { expect, it, onTestFinished } from "vitest";
import { openTestRedis } from "../../redis/testing/redis.ts";
import { Heartbeat } from "./process-heartbeat.ts";
import { createProcessStore, type PresentProcess } from "./process-store.ts";

async function setup() {
  const redis = await openTestRedis();
  const namespace = `t${randomBytes(6).toString("hex")}`;
  const show = async (ring?: Pick<PresentProcess, "role" | "keyIds">, shards?: number) => {
    const heartbeat = new Heartbeat(redis, { namespace, ...(ring && { ring }), ...(shards && { shards }) });
    onTestFinished(() => heartbeat.close());
    await heartbeat.send();
    return heartbeat;
  };
  return { redis, namespace, show, processes: createProcessStore(redis, namespace) };
}

const here = { id: expect.any(String), host: hostname(), pid: process.pid };

it("lists who is there, once each, with the ids of their keys", async () => {
  const { processes, show } = await setup();
  const worker = await show({ role: "worker", keyIds: ["k2", "k1"] });
  await worker.send();
  await show({ role: "admin", keyIds: ["k2"] });
  await show();
  expect(await processes.present()).toEqual([
    { role: "admin", ...here, keyIds: ["k2"] },
    { role: "worker", ...here, keyIds: ["k2", "k1"] },
  ]);
});

it("says how many shards a process was started with", async () => {
  const { processes, show } = await setup();
  await show({ role: "worker", keyIds: ["k1"] }, 2);
  expect(await processes.present()).toEqual([{ role: "worker", ...here, keyIds: ["k1"], shards: 2 }]);
});

it("forgets a process that has sent no heartbeat for a while", async () => {
  const { processes, show, redis, namespace } = await setup();
  await show({ role: "worker", keyIds: ["k1"] });
  const key = `{${namespace}}:processes:worker`;
  const [member = ""] = await redis.zrange(key, "0", "-1");
  await redis.zadd(key, (await readRedisTime(redis, "")) - 1, member);
  expect(await processes.present()).toEqual([]);
  await show({ role: "worker", keyIds: ["k2"] });
  expect(await redis.zcard(key)).toBe(1);
});

it("knows which keys processes seal with", async () => {
  const { processes, show } = await setup();
  await show({ role: "worker", keyIds: ["k2", "k1"] });
  const seen = await processes.sealing();
  expect([...seen.keys()]).toEqual(["k2"]);
  expect(seen.get("k2")).toBeLessThan(5_000);
});
