import { createBatonClient } from "@baton/api";
import type { Redis } from "ioredis";
import { expect, it } from "vitest";
import { createWorld, ended } from "./world/world.ts";

async function setup() {
  const world = await createWorld({ BATON_RETENTION_ENDED: "1s", BATON_RETENTION_DEAD: "3s" });
  const { token } = await world.createConnector();
  const { url } = await world.startIngress();
  await world.startWorker();
  return { ...world, baton: createBatonClient({ ingressUrl: url, token }) };
}

it("leaves nothing of a handoff in Redis once its time of keeping is over", { timeout: 120_000 }, async () => {
  const { baton, simulator, redis, namespace } = await setup();
  simulator.contact("2", "ended");
  const full = { params: { p1: "Escalate" }, context: { note: "for the agent" }, sharedId: "conversation-1" };
  const delivered = await baton.send({ contactId: "1", ...full }, { idempotencyKey: "one" });
  const dead = await baton.send({ contactId: "2", ...full });
  const cancelled = await baton.send({ contactId: "3", ...full, delayMs: 60_000 });
  await baton.cancel(cancelled.id);
  await ended(baton, delivered.id);
  expect((await ended(baton, dead.id)).status).toBe("dead");

  for (const { id } of [delivered, dead])
    await expect.poll(() => mentions(redis as Redis, namespace, id), { timeout: 60_000 }).toEqual([]);
  // A cancelled one leaves its job in the queue until that falls due, as a right to look at nothing.
  const left = await mentions(redis as Redis, namespace, cancelled.id);
  expect(left.filter((key) => !/:handoffs:(?:delayed|ho_)/.test(key))).toEqual([]);
});

/** The keys of a namespace that name a handoff, or hold its name. */
async function mentions(redis: Redis, namespace: string, id: string): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const keys of redis.scanStream({ match: `{${namespace}*`, count: 1_000 })) {
    for (const key of keys as string[]) if (key.includes(id) || (await holds(redis, key, id))) found.push(key);
  }
  return found;
}

async function holds(redis: Redis, key: string, id: string): Promise<boolean> {
  // BullMQ's event stream is short and says what happened; idempotency keys are kept 24 h in their own right.
  if (/:events$|:idem:/.test(key)) return false;
  switch (await redis.type(key)) {
    case "zset":
      return (await redis.zrange(key, "0", "-1")).some((member) => member.includes(id));
    case "list":
      return (await redis.lrange(key, 0, -1)).some((member) => member.includes(id));
    case "set":
      return (await redis.smembers(key)).some((member) => member.includes(id));
    case "hash":
      return JSON.stringify(await redis.hgetall(key)).includes(id);
    default:
      return false;
  }
}
