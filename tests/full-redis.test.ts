/** A Redis that is full takes no handoff, and still takes what an operator does about it. */
import { createBatonClient } from "@baton/api";
import { openRedis, parseRedisUrl, waitForConnection } from "@baton/redis/connection";
import { isAnyMasterFull } from "@baton/redis/server-report";
import { expect, it, onTestFinished } from "vitest";
import { formatOverviewHeadline } from "../apps/cli/src/overview-view.ts";
import { startCluster } from "./world/cluster.ts";
import { eventually, HOST, startRedisServer } from "./world/redis-server.ts";
import { createWorld, ended } from "./world/world.ts";

/** Of three masters. */
const SLOTS_EACH = 16_384 / 3;

/** As many megabytes as a replica that hangs has not taken: several times what an empty Redis uses. */
const HELD_BACK = 30;

/** setup has a queued handoff, two dead letters and an admin key; `fill` makes Redis full, `empty` ends that. */
async function setup() {
  const server = await startRedisServer();
  const world = await createWorld({ BATON_REDIS_URL: server.url });
  const { connector, token } = await world.createConnector();
  const { connector: unused } = await world.createConnector();
  const [ingress, , admin] = [await world.startIngress(), await world.startWorker(), await world.startAdmin()];
  const client = createBatonClient({ ingressUrl: ingress.url, adminUrl: admin.url, token, adminKey: admin.key });
  world.simulator.answer({ status: 404, times: 2 });
  const dead = [await client.send({ contactId: "1" }), await client.send({ contactId: "2" })];
  for (const { id } of dead) expect(await ended(client, id)).toMatchObject({ status: "dead" });
  const queued = await client.send({ contactId: "3", delayMs: 60_000 });
  const key = await client.createAdminKey({ name: "Ana", role: "operator" });
  const fill = () => server.redis.config("SET", "maxmemory", "1");
  const empty = () => server.redis.config("SET", "maxmemory", "0");
  return { client, connector, unused, queued, dead: dead.map(({ id }) => id), key, fill, empty };
}

it("lets an operator pause, cancel, discard, replay, patch, revoke and delete while Redis is full, and writes each down", async () => {
  const { client, connector, unused, queued, dead, key, fill } = await setup();
  const [first = "", second = ""] = dead;
  await fill();
  await client.pause({ note: "Redis is full" });
  await client.resume();
  await client.pauseConnector(connector.id, { note: "Redis is full" });
  await client.cancelHandoff(queued.id);
  await client.discard(first);
  await client.patchConnector(connector.id, { delivery: { maxAttempts: 3 } });
  await client.resumeConnector(connector.id);
  await client.replay(second);
  await client.revokeAdminKey(key.id);
  await client.deleteConnector(unused.id);
  expect(await ended(client, second)).toMatchObject({ status: "delivered", replays: 1 });
  const { items } = await client.audit({ limit: 10 });
  expect(items.map(({ action, outcome }) => `${action} ${outcome}`).toReversed()).toEqual([
    "everything.pause done",
    "everything.resume done",
    "connector.pause done",
    "handoff.cancel done",
    "dead-letter.discard done",
    "connector.change done",
    "connector.resume done",
    "dead-letter.replay done",
    "admin-key.revoke done",
    "connector.delete done",
  ]);
});

it("says on top of the overview that Redis is full, as long as it is", async () => {
  const { client, fill, empty } = await setup();
  const headline = async () => formatOverviewHeadline({ overview: await client.overview(), causes: [] });
  expect(await headline()).not.toContain("Redis is full");
  await fill();
  expect(await headline()).toContain("Redis is full: new handoffs may be refused");
  await empty();
  expect(await headline()).not.toContain("Redis is full");
});

it("shows the overview while a master hangs that has nothing of Baton's, and says where another one is full", async () => {
  const cluster = await startCluster();
  const world = await createWorld({ BATON_REDIS_URL: cluster.url });
  const { connector } = await world.createConnector();
  const admin = await world.startAdmin();
  const client = createBatonClient({ adminUrl: admin.url, adminKey: admin.key });
  const tags = [`{${world.namespace}}`, ...world.shards.tags];
  const pairs = await cluster.pairs();
  const slots = await Promise.all(
    tags.map(async (tag) => Number(await pairs[0]?.master.redis.cluster("KEYSLOT", tag))),
  );
  const used = slots.map((slot) => Math.floor(slot / SLOTS_EACH));
  const full = pairs[used.at(-1) ?? 0]?.master;
  pairs.find((_, index) => !used.includes(index))?.master.hang();
  const before = await client.overview();
  expect(before.connectors).toMatchObject([{ id: connector.id }]);
  expect(before.redisFull).toBeUndefined();
  await full?.redis.config("SET", "maxmemory", "1");
  expect(await client.overview()).toMatchObject({ redisFull: true, connectors: [{ id: connector.id }] });
}, 60_000);

it("calls Redis full by what counts towards its limit: what it holds back for a replica does not", async () => {
  const master = await startRedisServer();
  const replica = await startRedisServer(["--replicaof", `${HOST} ${master.port}`, "--repl-diskless-sync-delay", "0"]);
  await eventually(async () => (await replica.redis.info("replication")).includes("master_link_status:up"), true);
  const redis = openRedis(parseRedisUrl(master.url), "scripts").on("error", () => undefined);
  onTestFinished(() => redis.disconnect());
  await waitForConnection(redis);
  replica.hang();
  for (let i = 0; i < HELD_BACK; i++) await redis.set("key", "x".repeat(1_000_000));
  const memory = await redis.info("memory");
  const [used, uncounted] = ["used_memory", "mem_not_counted_for_evict"].map((name) =>
    Number(new RegExp(`^${name}:(\\d+)`, "m").exec(memory)?.[1]),
  ) as [number, number];
  expect(uncounted).toBeGreaterThan(used / 2);

  await master.redis.config("SET", "maxmemory", String(used));
  expect(await isAnyMasterFull(redis)).toBe(false);
  await redis.set("another", "is taken");
  await master.redis.config("SET", "maxmemory", String(used - uncounted));
  expect(await isAnyMasterFull(redis)).toBe(true);
});

it("says of what a full Redis refuses that it is full, to the operator and to the sender", async () => {
  const { client, fill } = await setup();
  await fill();
  const full = { status: 503, problem: { detail: expect.stringContaining("Redis is full") } };
  await expect(client.createAdminKey({ name: "Bo", role: "viewer" })).rejects.toMatchObject(full);
  await expect(client.send({ contactId: "4" })).rejects.toMatchObject(full);
});
