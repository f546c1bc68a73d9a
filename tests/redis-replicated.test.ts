/** BATON_DURABILITY=replicated: a 202 means that a replica has it, too. */
import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { startOn } from "./world/outage.ts";
import { startProcess } from "./world/process.ts";
import { eventually, HOST, type RedisServer, startRedisServer } from "./world/redis-server.ts";
import { ask, askMany, NOTHING_WRONG, nextContact, startTraffic } from "./world/traffic.ts";

const MANY = 50;
const PER_SECOND = 100;
const BATCHES = 3;
const BATCH = 100;
const REPLICATED = { environment: { BATON_DURABILITY: "replicated" } };

async function setup() {
  const master = await startRedisServer();
  const replica = await startReplica(master);
  return { master, replica, baton: await startOn(master.url, REPLICATED) };
}

async function startReplica(master: RedisServer): Promise<RedisServer> {
  const replica = await startRedisServer(["--replicaof", `${HOST} ${master.port}`, "--repl-diskless-sync-delay", "0"]);
  await eventually(async () => (await replica.redis.info("replication")).includes("master_link_status:up"), true);
  return replica;
}

it("the replica has every handoff by the time that its sender hears 202", async () => {
  const { master, replica, baton } = await setup();
  const answers = await askMany(baton.client, MANY);
  await master.kill();
  const tag = baton.shards.tags[0] ?? "";
  for (const { kind, id } of answers) {
    expect(kind).toBe("accepted");
    expect(await replica.redis.exists(`${tag}:h:${id}`)).toBe(1);
  }
});

it("refuses with 503 while its replica hangs, and never delivers what it refused", async () => {
  const { replica, baton } = await setup();
  replica.hang();
  const answers = await askMany(baton.client, MANY);
  for (const { problem } of answers) expect(problem).toMatchObject({ status: 503, code: "queue-unavailable", retryAfterMs: 1_000 });
  replica.resume();
  expect(await baton.settle(answers)).toMatchObject({ ...NOTHING_WRONG, accepted: 0, refused: MANY });
});

it("refuses with 503 without a replica, is not ready and says why, and serves when one follows", async () => {
  const { master, replica, baton } = await setup();
  await replica.kill();
  await eventually(async () => (await ask(baton.client)).kind, "refused");
  const answers = await askMany(baton.client, MANY);
  expect(answers.map(({ kind }) => kind)).toEqual(answers.map(() => "refused"));
  await eventually(async () => (await fetch(`${baton.ingress.url}/readyz`)).status, 503);
  expect(await (await fetch(`${baton.ingress.url}/readyz`)).json()).toMatchObject({
    detail: expect.stringContaining("no replica follows"),
  });
  await startReplica(master);
  expect(await baton.settle(answers)).toMatchObject({ ...NOTHING_WRONG, refused: MANY });
  await eventually(async () => (await fetch(`${baton.ingress.url}/readyz`)).status, 200);
});

it("gives one handoff to a sender that repeats with its Idempotency-Key until a replica has it", async () => {
  const { replica, baton } = await setup();
  const sender = { contactId: "400000000001", idempotencyKey: "key" };
  replica.hang();
  const refused = [await ask(baton.client, sender), await ask(baton.client, sender)];
  expect(refused.map(({ kind }) => kind)).toEqual(["refused", "refused"]);
  replica.resume();
  await eventually(async () => (await ask(baton.client, sender)).kind, "accepted");
  const accepted = await ask(baton.client, sender);
  expect(await baton.settle([accepted])).toMatchObject({ ...NOTHING_WRONG, accepted: 1, delivered: 1, duplicates: 0 });
});

it("loses nothing that was accepted when the master dies for good in the middle of traffic and its replica takes over", async () => {
  const { master, replica, baton } = await setup();
  // Nothing is delivered before the failover: what CXone saw of it would prove nothing about the replica.
  await baton.worker.stop("SIGKILL");
  const traffic = startTraffic(baton.client, PER_SECOND);
  await traffic.untilMore("accepted", 2 * MANY);
  await master.kill();
  await traffic.untilMore("refused", MANY);
  const answers = await traffic.stop();
  await replica.redis.replicaof("NO", "ONE");
  const env = { ...baton.env, BATON_REDIS_URL: replica.url, BATON_DURABILITY: "local" };
  const [ingress] = await Promise.all([startProcess("ingress", env), startProcess("worker", env)]);
  const moved = createBatonClient({ ingressUrl: ingress.url, token: baton.token });
  const ledger = await baton.settleOn(replica.redis, moved, answers);
  expect(ledger).toMatchObject(NOTHING_WRONG);
  expect(ledger.delivered).toBe(ledger.accepted);
});

it("asks for the replica's word once for many handoffs, not once for each", async () => {
  const { master, baton } = await setup();
  const waits = async () => Number(/^cmdstat_wait:calls=(\d+)/m.exec(await master.redis.info("commandstats"))?.[1] ?? 0);
  const before = await waits();
  const answers = await Promise.all(Array.from({ length: BATCHES }, () => baton.client.sendBatch(batchOf(BATCH))));
  expect(answers.flat().map(({ status }) => status)).toEqual(Array(BATCHES * BATCH).fill(202));
  const asked = (await waits()) - before;
  expect(asked).toBeLessThan((BATCHES * BATCH) / 4);
});

function batchOf(count: number) {
  return Array.from({ length: count }, () => ({ contactId: nextContact() }));
}
