import { createBatonClient, ProblemError } from "@baton/api";
import { expect, it } from "vitest";
import { createWorld, ended } from "./world/world.ts";

const NEWER = 99;

async function setup() {
  const world = await createWorld();
  const { token } = await world.createConnector();
  const ingress = await world.startIngress();
  const admin = await world.startAdmin();
  const baton = createBatonClient({ ingressUrl: ingress.url, adminUrl: admin.url, token, adminKey: admin.key });
  const record = (id: string) => `${world.shards.tags[0]}:h:${id}`;
  return { ...world, baton, record };
}

it("leaves a handoff of a newer Baton alone, and refuses it in words, until a newer one is there", async () => {
  const { baton, record, redis, startWorker, simulator, logLines } = await setup();
  const { id } = await baton.send({ contactId: "1" });
  await redis.hset(record(id), "v", NEWER);
  await startWorker();
  await expect.poll(() => logLines.some((line) => line.includes("written by a newer Baton; left to a newer worker"))).toBe(true);

  const refused: unknown = await baton.get(id).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ProblemError);
  expect(refused).toMatchObject({ status: 503, problem: { detail: expect.stringContaining("newer Baton") } });
  await expect(baton.cancel(id)).rejects.toMatchObject({ status: 503 });
  await expect(baton.replay(id)).rejects.toMatchObject({ status: 503 });
  expect(simulator.signals()).toEqual([]);

  await redis.hset(record(id), "v", 1);
  expect((await ended(baton, id)).status).toBe("delivered");
});

it("does not let a newer Baton's handoff hold up the others of its contact's connector", async () => {
  const { baton, record, redis, startWorker } = await setup();
  const { id } = await baton.send({ contactId: "1" });
  await redis.hset(record(id), "v", NEWER);
  await startWorker();
  const other = await baton.send({ contactId: "2" });
  expect((await ended(baton, other.id)).status).toBe("delivered");
  expect((await baton.handoffs()).items.map((item) => item.id)).toEqual([other.id]);
});

it("reads a record that lacks what later versions added", async () => {
  const { baton, record, redis, startWorker } = await setup();
  const { id } = await baton.send({ contactId: "1" });
  // Fields are added with a meaning for their absence: an older Baton never wrote these.
  await redis.hdel(record(id), "res", "told", "amo", "ik", "settled");
  await startWorker();
  expect((await ended(baton, id)).status).toBe("delivered");
});
