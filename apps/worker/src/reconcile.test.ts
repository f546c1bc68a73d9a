import { randomBytes, randomUUID } from "node:crypto";
import { type Connector, createId, ID_RANDOM_BYTES } from "@baton/domain";
import { DeadLetterQueue, HandoffQueue } from "@baton/queue";
import {
  createDeadLetterStore,
  createDeliveryStore,
  createHandoffStore,
  createShards,
  createUpkeepStore,
  openRedis,
  parseRedisUrl,
  type StoredHandoff,
} from "@baton/store";
import { expect, inject, it, onTestFinished } from "vitest";
import { createLetters } from "./letters.ts";
import { createReconcile } from "./reconcile.ts";

const newId = (prefix: "ho" | "cn") => createId(prefix, 0, Date.now(), randomBytes(ID_RANDOM_BYTES));

const connector: Connector = {
  id: newId("cn"),
  version: 1,
  name: "test",
  accountId: "acme",
  projectId: "p",
  environment: "live",
  enabled: true,
  paused: false,
  pseudoNumbers: [],
  contactIdHeader: "X-InContact-ContactId",
  cxone: { issuer: "https://cxone.niceincontact.com", apiVersion: "v30.0", paramsIn: "query" },
  delivery: {
    guarantee: "at-least-once",
    deadlineMs: 600_000,
    maxAttempts: 10,
    attemptTimeoutMs: 3_000,
    backoff: { baseMs: 250, capMs: 10_000 },
    rate: null,
    maxParamBytes: 256,
  },
  createdAt: 0,
};

function setup() {
  const redis = openRedis(parseRedisUrl(inject("redisUrl")), "events");
  const shards = createShards(redis, `t${randomBytes(6).toString("hex")}`, 1);
  const [tag = ""] = shards.tags;
  const handoffs = createHandoffStore(shards);
  const deliveries = createDeliveryStore(shards);
  const upkeep = createUpkeepStore(shards);
  const options = { tags: shards.tags, connection: redis, onError: () => undefined };
  const queue = new HandoffQueue(options);
  const deadLetters = new DeadLetterQueue(options);
  onTestFinished(async () => {
    await queue.close();
    await deadLetters.close();
    redis.disconnect();
  });
  const reconciled: string[] = [];
  let upForMs = 60_000;
  const letters = createLetters({ queue: deadLetters, notes: upkeep, onFiled: () => undefined });
  const onReconciled = (id: string) => void reconciled.push(id);
  const round = createReconcile({ upkeep, handoffs, queue, deadLetters, letters, tags: shards.tags, upForMs: () => upForMs, onReconciled });

  async function accept(): Promise<StoredHandoff> {
    const accepted = await handoffs.accept({
      id: newId("ho"),
      connectorId: connector.id,
      contactId: String(randomBytes(4).readUInt32BE()),
      fixed: { accountId: "acme", projectId: "p", environment: "live" },
      params: "sealed",
      delayMs: 0,
      deadlineMs: 600_000,
      validUntil: Number.MAX_SAFE_INTEGER,
      rate: null,
      maxPending: 10_000,
    });
    if (accepted.kind !== "accepted") throw new Error(accepted.kind);
    return accepted.stored;
  }

  async function die(): Promise<StoredHandoff> {
    const { handoff, generation } = await accept();
    const begun = await deliveries.begin({ id: handoff.id, generation }, { connector, stopped: false, nonce: randomUUID(), chance: 0 });
    if (begun.kind !== "sending") throw new Error(begun.kind);
    const outcome = { kind: "rejected", httpStatus: 404 } as const;
    const settlement = { kind: "dead", reason: "rejected" } as const;
    await deliveries.settle({ attempt: begun.attempt, outcome, durationMs: 1, settlement, connector });
    const dead = await handoffs.read(handoff.id);
    if (dead === undefined) throw new Error("gone");
    return dead;
  }

  return {
    redis,
    tag,
    due: `${tag}:due`,
    round,
    reconciled,
    queue,
    deadLetters,
    letters,
    upkeep,
    accept,
    die,
    replays: createDeadLetterStore(shards),
    outage: () => {
      upForMs = 4_999;
    },
    /** Lets ten seconds pass for what is due and for what is to be filed. */
    async wait(): Promise<void> {
      for (const set of [":due", ":filing"]) {
        for (const member of await redis.zrange(tag + set, "0", "-1")) await redis.zincrby(tag + set, "-10000", member);
      }
    },
    /** The ids of the jobs in the dead-letter queue. */
    filed: () => redis.zrange(`${tag}:dead-letters:prioritized`, "0", "-1"),
  };
}

it("gives a handoff without a job a new one, once it is late, and leaves the others alone", async () => {
  const { round, reconciled, accept, queue, wait } = setup();
  const lost = await accept();
  const kept = await accept();
  await queue.add({ id: kept.handoff.id, generation: 1, connectorId: connector.id, delayMs: 0 });
  await round();
  expect(reconciled).toEqual([]);
  await wait();
  await round();
  expect(reconciled).toEqual([lost.handoff.id]);
  expect(
    await queue.has([
      { id: lost.handoff.id, generation: 2 },
      { id: kept.handoff.id, generation: 2 },
    ]),
  ).toEqual([true, false]);
  await round();
  expect(reconciled).toHaveLength(1);
});

it("finds one that is lost behind hundreds that are only late, all of them due in one millisecond", async () => {
  const { round, reconciled, accept, queue, wait, redis, due } = setup();
  for (let i = 0; i < 250; i++) {
    const { handoff } = await accept();
    await queue.add({ id: handoff.id, generation: 1, connectorId: connector.id, delayMs: 0 });
  }
  const sameMoment = Date.now();
  for (const member of await redis.zrange(due, "0", "-1")) await redis.zadd(due, sameMoment, member);
  await wait();
  const lost = await accept();
  await wait();
  for (let i = 0; i < 4 && reconciled.length === 0; i++) await round();
  expect(reconciled).toEqual([lost.handoff.id]);
});

it("finds one that is lost behind hundreds that it leaves alone: of a newer Baton, or past their deadline", async () => {
  const { round, reconciled, accept, wait, redis, tag } = setup();
  for (let i = 0; i < 500; i++) {
    const { handoff } = await accept();
    const [field, value] = i % 2 === 0 ? ["v", 99] : ["dl", Date.now() - 1_000];
    await redis.hset(`${tag}:h:${handoff.id}`, field, value);
  }
  await wait();
  const lost = await accept();
  await wait();
  for (let i = 0; i < 4 && reconciled.length === 0; i++) await round();
  expect(reconciled).toEqual([lost.handoff.id]);
});

it("wakes one whose job sleeps past its time", async () => {
  const { round, reconciled, accept, queue, wait } = setup();
  const { handoff } = await accept();
  await queue.add({ id: handoff.id, generation: 1, connectorId: connector.id, delayMs: 600_000 });
  await round();
  expect(await queue.counts()).toMatchObject([{ waiting: 0, delayed: 1 }]);
  await wait();
  await round();
  expect(await queue.counts()).toMatchObject([{ waiting: 1, delayed: 0 }]);
  expect(reconciled).toEqual([]);
});

it("leaves everything alone while Redis has only just come back", async () => {
  const { round, reconciled, accept, wait, outage } = setup();
  await accept();
  await wait();
  outage();
  await round();
  expect(reconciled).toEqual([]);
});

it("files a letter that its worker did not, and takes out one that was replayed", async () => {
  const { round, die, filed, wait, letters, replays } = setup();
  const [forgotten, replayed, discarded] = [await die(), await die(), await die()];
  for (const letter of [replayed, discarded]) await letters.fileIfDead(letter);
  const order = { force: false, rate: null, maxPending: 10, validUntil: Number.MAX_SAFE_INTEGER };
  expect((await replays.replay({ ...order, id: replayed.handoff.id })).kind).toBe("replayed");
  expect((await replays.discard(discarded.handoff.id)).kind).toBe("discarded");
  expect(await filed()).toHaveLength(2);
  await wait();
  await round();
  expect(await filed()).toEqual([`${forgotten.handoff.id}-1`]);
});

it("takes out a letter whose worker filed it after it had been replayed", async () => {
  const { round, die, filed, wait, letters, replays, deadLetters, upkeep } = setup();
  const letter = await die();
  const { id } = letter.handoff;
  expect((await replays.replay({ id, force: false, rate: null, maxPending: 10, validUntil: Number.MAX_SAFE_INTEGER })).kind).toBe(
    "replayed",
  );
  await deadLetters.remove({ id, generation: 1 });
  await upkeep.filed({ id, generation: 1 }, false);
  await letters.fileIfDead(letter);
  expect(await filed()).toHaveLength(1);
  await wait();
  await round();
  expect(await filed()).toEqual([]);
});

it("takes out the letter of a handoff that was kept long enough, where the janitor did not come to it", async () => {
  const { round, die, filed, wait, letters, upkeep, tag } = setup();
  const letter = await die();
  await letters.fileIfDead(letter);
  const pruned = await upkeep.prune(tag, "dead", { before: Number.MAX_SAFE_INTEGER, limit: 10 });
  expect(pruned.map(({ id }) => id)).toEqual([letter.handoff.id]);
  expect(await filed()).toHaveLength(1);
  await wait();
  await round();
  expect(await filed()).toEqual([]);
});
