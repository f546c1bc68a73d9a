/** BATON_DURABILITY=replicated: what is answered, and what is sent, a replica knows of. */
import { createBatonClient } from "@baton/api";
import { NotReplicated, ReplicaConfirmation } from "@baton/handoffs/replica-confirmation";
import { createWorkerAttemptStore } from "@baton/handoffs/worker-attempt-store";
import { openRedis, parseRedisUrl, type RedisConnection, waitForConnection } from "@baton/redis/connection";
import { expect, it, onTestFinished } from "vitest";
import { createConnector, createSpace } from "../packages/handoffs/testing/space.ts";
import { startBatonOn } from "./world/baton-on-redis.ts";
import { startProcess } from "./world/process.ts";
import { eventually, HOST, type RedisServer, startRedisServer } from "./world/redis-server.ts";
import { NOTHING_WRONG, nextContact, startTraffic, trySend, trySendMany } from "./world/traffic.ts";
import type { ConnectorChange } from "./world/world.ts";

const MANY = 50;
const PER_SECOND = 100;
const BATCHES = 3;
const BATCH = 100;
const REPLICATED = { environment: { BATON_DURABILITY: "replicated" } };

async function startPair(): Promise<readonly [master: RedisServer, replica: RedisServer]> {
  const master = await startRedisServer();
  return [master, await startReplica(master)];
}

async function setup(connector: ConnectorChange = {}) {
  const [master, replica] = await startPair();
  return { master, replica, baton: await startBatonOn(master.url, { ...REPLICATED, connector }) };
}

async function startReplica(master: RedisServer): Promise<RedisServer> {
  const replica = await startRedisServer(["--replicaof", `${HOST} ${master.port}`, "--repl-diskless-sync-delay", "0"]);
  await eventually(async () => (await replica.redis.info("replication")).includes("master_link_status:up"), true);
  return replica;
}

it("the replica has every handoff by the time that its sender gets 202", async () => {
  const { master, replica, baton } = await setup();
  const answers = await trySendMany(baton.client, MANY);
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
  const answers = await trySendMany(baton.client, MANY);
  for (const { problem } of answers)
    expect(problem).toMatchObject({ status: 503, code: "queue-unavailable", retryAfterMs: 1_000 });
  replica.resume();
  expect(await baton.settle(answers)).toMatchObject({ ...NOTHING_WRONG, accepted: 0, refused: MANY });
});

it("refuses with 503 without a replica, is not ready and says why, and serves when one follows", async () => {
  const { master, replica, baton } = await setup();
  await replica.kill();
  await eventually(async () => (await trySend(baton.client)).kind, "refused");
  const answers = await trySendMany(baton.client, MANY);
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
  const refused = [await trySend(baton.client, sender), await trySend(baton.client, sender)];
  expect(refused.map(({ kind }) => kind)).toEqual(["refused", "refused"]);
  replica.resume();
  await eventually(async () => (await trySend(baton.client, sender)).kind, "accepted");
  const accepted = await trySend(baton.client, sender);
  expect(await baton.settle([accepted])).toMatchObject({ ...NOTHING_WRONG, accepted: 1, delivered: 1, duplicates: 0 });
});

it("loses nothing that it accepted and delivers nothing that it refused when the master dies for good in the middle of traffic", async () => {
  const { master, replica, baton } = await setup();
  // Nothing is delivered before the failover: what CXone saw of it would prove nothing about the replica.
  await baton.worker.stop("SIGKILL");
  const traffic = startTraffic(baton.client, PER_SECOND);
  await traffic.untilMore("accepted", 2 * MANY);
  // Some of these reach the replica, though no sender learns of it any more.
  const caught = Array.from({ length: MANY }, () => trySend(baton.client));
  await Promise.race(caught);
  await master.kill();
  await traffic.untilMore("refused", MANY);
  const answers = [...(await traffic.stop()), ...(await Promise.all(caught))];
  await takeOver(replica, master);
  const moved = await moveTo(master, baton);
  const ledger = await baton.settleOn(replica.redis, moved, answers);
  expect(ledger).toMatchObject(NOTHING_WRONG);
  expect(ledger.delivered).toBe(ledger.accepted);
});

it("sends no signal before a replica has the attempt, so that the loss of a master costs no second signal", async () => {
  const { master, replica, baton } = await setup({ delivery: { guarantee: "at-most-once" } });
  const contactId = nextContact();
  const signals = () => baton.simulator.signals().filter((signal) => signal.contactId === contactId);
  const { id } = await baton.client.send({ contactId, delayMs: 1_000 });
  replica.hang();
  await eventually(() => said(baton.worker, id), true);
  expect(await baton.client.get(id)).toMatchObject({
    status: "queued",
    waitingFor: "retry",
    attempts: [],
    mayHaveArrived: false,
  });
  expect(signals()).toEqual([]);
  await master.kill();
  replica.resume();
  await replica.redis.replicaof("NO", "ONE");
  const moved = await moveTo(replica, baton);
  await eventually(async () => (await moved.get(id)).status, "delivered");
  expect(await moved.get(id)).toMatchObject({
    attempts: [{ number: 1, outcome: "accepted" }],
    possibleDuplicate: false,
  });
  expect(signals()).toHaveLength(1);
});

it("counts an attempt as replicated only where a new master has it on record", async () => {
  const [old, replica] = await startPair();
  const space = createSpace(await openTo(old));
  const connector = createConnector();
  const stored = await space.queued(connector);
  await eventually(() => replica.redis.llen(`${space.tag}:handoffs:wait`), 1);
  await replica.redis.replicaof("NO", "ONE");
  await startReplica(replica);
  const order = space.order(connector, { token: "claim", slots: 1 });
  const { id, token } = await space.sending(connector, stored, order);
  const replication = new ReplicaConfirmation({ redis: await openTo(replica), shards: space.shards });
  await expect(replication.confirm(id, { tok: token })).rejects.toBeInstanceOf(NotReplicated);
  await replication.confirm(id);
  // As if the new master had it: the same claim begins the same attempt there.
  await createWorkerAttemptStore({ ...space.shards, redis: await openTo(replica) }).claim(space.tag, order);
  await replication.confirm(id, { tok: token });
});

it("signals once its replica is back, at the cost of no attempt", async () => {
  const { replica, baton } = await setup({ delivery: { maxAttempts: 1 } });
  const { id } = await baton.client.send({ contactId: nextContact(), delayMs: 1_000 });
  replica.hang();
  await eventually(() => said(baton.worker, id), true);
  replica.resume();
  await eventually(async () => (await baton.client.get(id)).status, "delivered");
  expect((await baton.client.get(id)).attempts).toHaveLength(1);
});

it("confirms a call and a cancel only once a replica has them", async () => {
  const { replica, baton } = await setup({ pseudoNumbers: ["+15550100"] });
  const { id } = await baton.client.send({ contactId: nextContact(), delayMs: 60_000 });
  const call = () => post(baton, "/v1/calls", { pseudoNumber: "+15550100", sipHeaders: {} });
  const cancel = () => post(baton, `/v1/handoffs/${id}/cancel`);
  replica.hang();
  expect(await Promise.all([call(), cancel()])).toMatchObject([{ status: 503 }, { status: 503 }]);
  replica.resume();
  await eventually(async () => (await call()).status, 201);
  // It was taken back all the same, as the 503 says it may have been.
  expect(await baton.client.get(id)).toMatchObject({ status: "cancelled" });
});

it("confirms an operator's replay and cancel only once a replica has them", async () => {
  const { replica, baton } = await setup();
  const [contactId, other] = [nextContact(), nextContact()];
  baton.simulator.contact(contactId, "ended");
  const { id: dead } = await baton.client.send({ contactId });
  const { id: queued } = await baton.client.send({ contactId: other, delayMs: 60_000 });
  await eventually(async () => (await baton.client.get(dead)).status, "dead");
  const admin = await baton.startAdmin();
  const ordered = (path: string) =>
    fetch(`${admin.url}/admin/v1${path}`, {
      method: "POST",
      headers: { authorization: `Bearer ${admin.key}`, "content-type": "application/json" },
      body: "{}",
    });
  replica.hang();
  const answers = await Promise.all([ordered(`/dead-letters/${dead}/replay`), ordered(`/handoffs/${queued}/cancel`)]);
  expect(answers.map(({ status }) => status)).toEqual([503, 503]);
  replica.resume();
  await eventually(async () => (await baton.client.get(dead)).replays, 1);
  expect(await baton.client.get(queued)).toMatchObject({ status: "cancelled" });
});

it("asks the replica once for many handoffs, not once for each", async () => {
  const { master, baton } = await setup();
  const waits = async () =>
    Number(/^cmdstat_wait:calls=(\d+)/m.exec(await master.redis.info("commandstats"))?.[1] ?? 0);
  const before = await waits();
  const answers = await Promise.all(Array.from({ length: BATCHES }, () => baton.client.sendBatch(batchOf(BATCH))));
  expect(answers.flat().map(({ status }) => status)).toEqual(Array(BATCHES * BATCH).fill(202));
  const asked = (await waits()) - before;
  expect(asked).toBeLessThan((BATCHES * BATCH) / 4);
});

async function openTo({ url }: RedisServer): Promise<RedisConnection> {
  const redis = openRedis(parseRedisUrl(url), "scripts").on("error", () => undefined);
  onTestFinished(() => redis.disconnect());
  await waitForConnection(redis);
  return redis;
}

type Baton = Awaited<ReturnType<typeof startBatonOn>>;

/**
 * takeOver makes the replica the master, at the master's address: the ingress that refused finds it there, and takes
 * back what it refused.
 */
async function takeOver(replica: RedisServer, master: RedisServer): Promise<void> {
  await replica.redis.replicaof("NO", "ONE");
  await replica.redis.config("SET", "port", master.port);
}

/** moveTo starts other processes, for which the new master alone is enough, and gives a client of theirs. */
async function moveTo({ url }: Pick<RedisServer, "url">, { env: before, token }: Baton) {
  const env = { ...before, BATON_REDIS_URL: url, BATON_DURABILITY: "local" };
  const [ingress] = await Promise.all([startProcess("ingress", env), startProcess("worker", env)]);
  return createBatonClient({ ingressUrl: ingress.url, token });
}

/** said: the worker has logged that it did not send this one, because no replica had it. */
function said({ lines }: Baton["worker"], handoffId: string): boolean {
  return lines.some((line) => line.handoffId === handoffId && String(line.msg).includes("no replica"));
}

function post({ ingress, token }: Baton, path: string, body: object = {}): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  return fetch(`${ingress.url}${path}`, { method: "POST", headers, body: JSON.stringify(body) });
}

function batchOf(count: number) {
  return Array.from({ length: count }, () => ({ contactId: nextContact() }));
}
