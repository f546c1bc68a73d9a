/** A Redis that is full (`maxmemory`, nothing evicted): what was accepted goes on, and only what is new is refused. */

import { isRedisUnavailable, openRedis, parseRedisUrl, waitForConnection } from "@baton/redis/connection";
import { expect, it, onTestFinished } from "vitest";
import { startRedisServer } from "../../../tests/world/redis-server.ts";
import { again, createConnector, createSpace, DELIVERED, REJECTED, type Space } from "../testing/space.ts";
import { StalledJobCheck } from "./bullmq-stalled-job-check.ts";
import { createClearThrottleAndBreaker } from "./clear-throttle-and-breaker.ts";
import { RECONCILE_START } from "./reconcile-and-prune-handoffs.ts";
import { ReplicaConfirmation } from "./replica-confirmation.ts";

const KEY = { key: "key", fingerprints: ["f"], keepMs: 600_000 };
const SENDER = (connectorId: string) => ({ connectorId, key: KEY.key });

/** setup opens a Redis of the test's own; `fill` makes it full, `free` ends that. */
async function setup() {
  const server = await startRedisServer();
  const redis = openRedis(parseRedisUrl(server.url), "scripts");
  onTestFinished(() => redis.disconnect());
  await waitForConnection(redis);
  const space = createSpace(redis);
  return {
    ...space,
    fill: () => server.redis.config("SET", "maxmemory", "1"),
    free: () => server.redis.config("SET", "maxmemory", "0"),
    openBlocking: () => {
      const blocking = openRedis(parseRedisUrl(server.url), "blocking").on("error", () => undefined);
      onTestFinished(() => blocking.disconnect());
      return blocking;
    },
    keys: async () => (await redis.keys(`${space.tag}*`)).toSorted(),
  };
}

const fault = (asked: Promise<unknown>) =>
  asked.then(
    () => undefined,
    (error: unknown) => error,
  );

async function unplaced({ accept }: Pick<Space, "accept">, connector: ReturnType<typeof createConnector>, change = {}) {
  const accepted = await accept(connector, change);
  if (accepted.kind !== "accepted") throw new Error(accepted.kind);
  return accepted.stored;
}

it("refuses new handoffs whole, as an outage, and leaves nothing of them", async () => {
  const { accept, fill, free, keys, queued } = await setup();
  const connector = createConnector();
  await queued(connector);
  const before = await keys();
  await fill();
  const answers = await Promise.all(
    [1, 2, 3].map((i) => fault(accept(connector, { sharedId: "s", idempotency: { ...KEY, key: `k${i}` } }))),
  );
  for (const error of answers) expect(isRedisUnavailable(error), String(error)).toBe(true);
  expect(await keys()).toEqual(before);
  await free();
  expect((await accept(connector, { idempotency: KEY })).kind).toBe("accepted");
});

it("places, begins, delivers, retries and ends what was accepted before", async () => {
  const { fill, claim, settle, read, elapse, handoffs, deliveries, tag, redis, queued, accept } = await setup();
  const connector = createConnector();
  const stored = [];
  for (let i = 0; i < 5; i++)
    stored.push(await unplaced({ accept }, connector, { contactId: i < 3 ? String(i) : "3" }));
  const expiring = await queued(connector, { deadlineMs: 1_000 });
  await fill();
  for (const { handoff } of stored) await handoffs.place(handoff.id);
  await elapse(1_001);
  const { attempts, faults } = await claim(connector);
  expect(faults).toEqual([]);
  expect(attempts).toHaveLength(4);
  expect((await read(expiring)).handoff).toMatchObject({ status: "dead", reason: "expired" });
  await deliveries.renewLocks(tag, attempts);
  const verdicts = [DELIVERED, REJECTED, again("ambiguous", 100), DELIVERED];
  const settled = await Promise.all(attempts.map((attempt, i) => settle(connector, attempt, verdicts[i] ?? DELIVERED)));
  expect(settled.map((each) => each.kind === "settled" && each.status)).toEqual([
    "delivered",
    "dead",
    "queued",
    "delivered",
  ]);
  await elapse(101);
  const next = [...(await claim(connector)).attempts, ...(await claim(connector)).attempts];
  expect(next).toHaveLength(2);
  for (const attempt of next) await deliveries.abandon({ attempt, waitMs: 0 });
  for (const attempt of (await claim(connector)).attempts) await settle(connector, attempt, DELIVERED);
  const states = await Promise.all(stored.map(async (each) => (await read(each)).handoff.status));
  expect(states.toSorted()).toEqual(["dead", "delivered", "delivered", "delivered", "delivered"]);
  expect(await redis.keys(`${tag}:handoffs:ho_*`)).toEqual([]);
});

it("cancels, reads, takes back what was answered 503, and lets the next of a contact go", async () => {
  const { fill, claim, read, handoffs, queued, accept, elapse } = await setup();
  const connector = createConnector();
  const [cancelled, behind] = [
    await queued(connector, { contactId: "1" }),
    await queued(connector, { contactId: "1" }),
  ];
  const withdrawn = await unplaced({ accept }, connector, { contactId: "2", sharedId: "s", idempotency: KEY });
  const after = await queued(connector, { contactId: "2" });
  await claim({ ...connector, paused: true });
  await fill();
  expect((await handoffs.cancel(cancelled.handoff.id)).kind).toBe("cancelled");
  expect(await handoffs.withdraw(withdrawn.handoff.id, SENDER(connector.id))).toBe(true);
  expect(await handoffs.read(withdrawn.handoff.id)).toBeUndefined();
  expect((await handoffs.read(after.handoff.id, { isAwaited: true }))?.handoff.status).toBe("queued");
  await claim(connector);
  const sent = [];
  for (let i = 0; i < 2; i++) {
    await elapse(10);
    sent.push(...(await claim(connector)).attempts.map(({ id }) => id));
  }
  expect(sent.toSorted()).toEqual([behind, after].map(({ handoff }) => handoff.id).toSorted());
  expect((await read(behind)).handoff.status).toBe("sending");
});

it("answers a repeat with its key, and takes back what was answered 503 each time", async () => {
  const { fill, free, accept, acceptance, handoffs, elapse, read } = await setup();
  const connector = createConnector();
  const first = await unplaced({ accept }, connector, { idempotency: KEY });
  const expired = await unplaced({ accept }, connector, {
    deadlineMs: 1_000,
    contactId: "1",
    idempotency: { ...KEY, key: "other" },
  });
  await fill();
  const again = acceptance(connector).id;
  expect(await handoffs.findByKey(connector.id, KEY, again)).toMatchObject({
    kind: "repeated",
    stored: { handoff: { id: first.handoff.id } },
  });
  await handoffs.withdraw(first.handoff.id, SENDER(connector.id));
  expect((await read(first)).handoff.status).toBe("queued");
  await handoffs.withdraw(again, SENDER(connector.id));
  expect(await handoffs.read(first.handoff.id)).toBeUndefined();
  // A repeat that finds its handoff expired is refused or answered, never half.
  await elapse(1_001);
  const asked = await fault(accept(connector, { idempotency: { ...KEY, key: "other" } }));
  if (asked !== undefined) expect(isRedisUnavailable(asked)).toBe(true);
  expect((await read(expired)).handoff).toMatchObject({ status: "dead", reason: "expired" });
  await free();
  expect((await accept(connector, { contactId: "1" })).kind).toBe("accepted");
});

it("prunes, discards, replays and reconciles", async () => {
  const { fill, die, deadLetters, replay, maintenance, tag, now, queued, redis, elapse, claim, accept } = await setup();
  const connector = createConnector();
  const [discarded, replayed] = [await die(connector), await die(connector)];
  const delivered = await die(connector, DELIVERED);
  const lost = await unplaced({ accept }, connector);
  const { handoff: late } = await queued(connector, { deadlineMs: 1_000 });
  await fill();
  expect((await deadLetters.discard(discarded.handoff.id)).kind).toBe("discarded");
  expect((await replay(replayed)).kind).toBe("replayed");
  expect(await deadLetters.total({})).toBe(0);
  expect(await maintenance.prune(tag, "ended", { before: (await now()) + 1, limit: 10 })).toBe(2);
  expect(await redis.exists(`${tag}:h:${delivered.handoff.id}`)).toBe(0);
  await elapse(6_001);
  const { repaired } = await maintenance.reconcile(tag, { from: { at: 0, skip: 0 }, afterMs: 5_000, limit: 10 });
  expect(repaired).toEqual([lost.handoff.id]);
  expect(await redis.hget(`${tag}:h:${late.id}`, "st")).toBe("dead");
  const sent = (await claim(connector)).attempts.map(({ id }) => id);
  expect(sent.toSorted()).toEqual([lost, replayed].map(({ handoff }) => handoff.id).toSorted());
});

it("gives back what a worker had that died, though BullMQ's own check cannot write", async () => {
  const { openBlocking, tag, queued, sending, claim, elapse, maintenance, fill } = await setup();
  const connector = createConnector();
  const stored = await queued(connector);
  await sending(connector, stored);
  const errors: Error[] = [];
  const check = new StalledJobCheck(tag, {
    connection: openBlocking(),
    onError: (error) => errors.push(error),
    onStalled: () => {},
  });
  await fill();
  check.start();
  onTestFinished(() => check.close());
  await expect.poll(() => errors.length).toBeGreaterThan(0);
  const reconcile = () => maintenance.reconcile(tag, { from: RECONCILE_START, afterMs: 5_000, limit: 10 });
  await elapse(10_000);
  expect((await claim(connector)).attempts).toEqual([]);
  await elapse(1);
  expect((await reconcile()).faults).toEqual([]);
  expect((await claim(connector)).attempts).toMatchObject([{ id: stored.handoff.id, number: 2 }]);
});

it("keeps tokens, gates and pauses working", async () => {
  const { fill, accesses, claim, queued, settle, elapse } = await setup();
  const connector = createConnector();
  for (let i = 0; i < 3; i++) await queued(connector);
  await fill();
  const nothing = { destinations: new Map([[connector.id, undefined]]) };
  expect(await claim(connector, nothing)).toMatchObject({ missingDestinations: [connector.id] });
  expect(
    (await accesses.claim({ connectorId: connector.id, credentialsVersion: 1, lease: "l", what: "token" })).kind,
  ).toBe("lease");
  const access = { access: "sealed", version: "1", lifetimeMs: 600_000, renewAfterMs: 600_000 };
  await accesses.grant({ connectorId: connector.id, lease: "l", ...access });
  await elapse(100);
  const [throttled, ...others] = (await claim(connector)).attempts;
  if (throttled === undefined) throw new Error("none");
  await settle(connector, throttled, again("throttled", 5_000, { holdMs: 5_000 }));
  for (const attempt of others) await settle(connector, attempt, again("unreachable"));
  expect((await claim(connector)).attempts).toEqual([]);
  await elapse(5_010);
  expect((await claim(connector)).attempts).toHaveLength(1);
});

it("ends a throttle for an operator, and vouches for what a replica has", async () => {
  const { queued, sending, settle, redis, shards, fill } = await setup();
  const connector = createConnector();
  const attempt = await sending(connector, await queued(connector));
  await settle(connector, attempt, again("throttled", 30_000, { holdMs: 30_000 }));
  await fill();
  expect(await createClearThrottleAndBreaker(shards)(connector.id)).toEqual(["throttle"]);
  // There is no replica: WAIT is sent nevertheless, and not refused for lack of memory.
  await expect(new ReplicaConfirmation({ redis, shards }).confirm(attempt.id)).rejects.toThrow("replica");
});
