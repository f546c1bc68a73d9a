/** A namespace of a real Redis for one test, with everything a handoff needs in it, and a way to let its time pass. */
import { randomBytes, randomUUID } from "node:crypto";
import { type Connector, createId, ID_RANDOM_BYTES, type Settlement, type SignalOutcome, shardOf } from "@baton/domain";
import { inject, onTestFinished } from "vitest";
import { createSealedAccessStore } from "../src/access-store.ts";
import { createDeadLetterStore } from "../src/dead-letter-store.ts";
import { type BeginOptions, type BegunAttempt, createDeliveryStore, type Settled, type TakenHandoff } from "../src/delivery-store.ts";
import type { StoredHandoff } from "../src/handoff-record.ts";
import { type Acceptance, type Accepted, createHandoffStore } from "../src/handoff-store.ts";
import { connected, openRedis, parseRedisUrl, type RedisConnection, type RedisUse } from "../src/redis.ts";
import { createShards } from "../src/shards.ts";
import { createUpkeepStore } from "../src/upkeep-store.ts";

export type Space = ReturnType<typeof createSpace>;
export type DeliveryChange = Partial<Connector["delivery"]>;

/** FAR_MS: a moment that no test reaches. */
export const FAR_MS = 1_000_000_000;

/** A database apart from the other tests': `elapse` looks through all of its keys, which must not hold up the rest. */
const DATABASE = 9;

/** setup opens a connection and a namespace for a test. */
export async function setup(shards = 1): Promise<Space> {
  return createSpace(await openTestRedis(), shards);
}

/** openTestRedis opens a connection that is closed when the test is finished. */
export async function openTestRedis(use: RedisUse = "scripts"): Promise<RedisConnection> {
  const target = parseRedisUrl(inject("redisUrl"));
  const redis = openRedis({ ...target, login: { ...target.login, db: DATABASE } }, use);
  onTestFinished(() => redis.disconnect());
  await connected(redis);
  return redis;
}

/** createSpace takes a fresh namespace: property tests want one for every run. */
export function createSpace(redis: RedisConnection, count = 1) {
  const namespace = `t${randomBytes(6).toString("hex")}`;
  const shards = createShards(redis, namespace, count);
  const handoffs = createHandoffStore(shards);
  const deliveries = createDeliveryStore(shards);
  const deadLetters = createDeadLetterStore(shards);
  let elapsedMs = 0;
  onTestFinished(async () => {
    for (const tag of shards.tags) {
      const keys = await redis.keys(`${tag}:*`);
      if (keys.length > 0) await redis.unlink(...keys);
    }
  });

  async function accept(connector: Connector, change: Partial<Acceptance> = {}): Promise<Accepted> {
    return handoffs.accept({ ...acceptance(connector), ...change });
  }

  /** Accepts one that must be taken. */
  async function queued(connector: Connector, change: Partial<Acceptance> = {}): Promise<StoredHandoff> {
    const accepted = await accept(connector, change);
    if (accepted.kind !== "accepted") throw new Error(`not accepted: ${JSON.stringify(accepted)}`);
    return accepted.stored;
  }

  function begin(connector: Connector, stored: StoredHandoff, change: Partial<BeginOptions & TakenHandoff> = {}) {
    const { id = stored.handoff.id, generation = stored.generation, ...options } = change;
    return deliveries.begin({ id, generation }, { connector, stopped: false, nonce: randomUUID(), chance: 0, ...options });
  }

  /** Begins one that must be free to go. */
  async function sending(connector: Connector, stored: StoredHandoff, change: Partial<BeginOptions> = {}): Promise<BegunAttempt> {
    const begun = await begin(connector, stored, change);
    if (begun.kind !== "sending") throw new Error(`not begun: ${JSON.stringify(begun)}`);
    return begun.attempt;
  }

  function settle(connector: Connector, attempt: BegunAttempt, [outcome, settlement]: Verdict): Promise<Settled> {
    return deliveries.settle({ attempt, outcome, durationMs: 5, settlement, connector });
  }

  /** Accepts one and lets it die. */
  async function die(connector: Connector, verdict: Verdict = REJECTED, change: Partial<Acceptance> = {}): Promise<StoredHandoff> {
    const stored = await queued(connector, change);
    await settle(connector, await sending(connector, stored), verdict);
    return read(stored);
  }

  async function read({ handoff }: StoredHandoff): Promise<StoredHandoff> {
    const stored = await handoffs.read(handoff.id);
    if (stored === undefined) throw new Error(`${handoff.id} is gone`);
    return stored;
  }

  return {
    redis,
    shards,
    tag: shards.tags[0] ?? "",
    handoffs,
    deliveries,
    deadLetters,
    upkeep: createUpkeepStore(shards),
    accesses: createSealedAccessStore(shards, () => 0),
    acceptance,
    accept,
    queued,
    begin,
    sending,
    settle,
    die,
    read,
    release: (connector: Connector, change: { stopped?: boolean; limit?: number } = {}) =>
      deliveries.release({ connector, stopped: false, limit: 100, ...change }),
    replay: (
      stored: StoredHandoff,
      change: { force?: boolean; deadlineMs?: number; rate?: null; maxPending?: number; validUntil?: number } = {},
    ) => deadLetters.replay({ id: stored.handoff.id, force: false, rate: null, maxPending: 1_000, validUntil: FAR_FUTURE, ...change }),

    /** Lets time pass for everything in this namespace, by moving every instant on record into the past: the scripts' clock is Redis's. */
    async elapse(ms: number): Promise<void> {
      elapsedMs += ms;
      await Promise.all(shards.tags.map((tag) => redis.eval(ELAPSE, 1, tag, `${tag}:*`, String(ms))));
    },

    /** Now on Redis's clock, with what `elapse` let pass. */
    async now(): Promise<number> {
      return (await redisNow(redis)) + elapsedMs;
    },

    /** How much `elapse` let pass, milliseconds: an instant read from a record plus this is the moment in the test's time. */
    elapsed: () => elapsedMs,
  };
}

export type Verdict = readonly [outcome: SignalOutcome, settlement: Settlement];
export const DELIVERED: Verdict = [{ kind: "accepted", httpStatus: 202 }, { kind: "delivered" }];
export const REJECTED: Verdict = [
  { kind: "rejected", httpStatus: 404, detail: "no such contact" },
  { kind: "dead", reason: "rejected" },
];

/** again is an attempt that failed as `kind` and is tried again. */
export function again(
  kind: "unavailable" | "ambiguous" | "unreachable" | "throttled",
  waitMs = 0,
  more: { holdMs?: number } = {},
): Verdict {
  const outcome: SignalOutcome =
    kind === "unreachable" ? { kind, detail: "refused" } : { kind, httpStatus: kind === "throttled" ? 429 : 503 };
  return [outcome, { kind: "retry", waitMs, waitingFor: "retry", counted: true, ...more }];
}

/** A validity that does not end. */
export const FAR_FUTURE = 8_000_000_000_000;

/** createConnector gives a connector without a rate limit, unless said. */
export function createConnector(delivery: DeliveryChange = {}, change: Partial<Connector> & { shard?: number } = {}): Connector {
  const { shard = 0, ...rest } = change;
  const id = createId("cn", shard, Date.now(), randomBytes(ID_RANDOM_BYTES));
  return {
    id,
    version: 1,
    name: "test",
    accountId: "acme",
    projectId: id,
    environment: "live",
    enabled: true,
    paused: false,
    pseudoNumbers: [],
    contactIdHeader: "X-InContact-ContactId",
    cxone: { issuer: "https://cxone.niceincontact.com", apiVersion: "v30.0", paramsIn: "query" },
    delivery: {
      guarantee: "at-least-once",
      deadlineMs: 60_000,
      maxAttempts: 10,
      attemptTimeoutMs: 3_000,
      backoff: { baseMs: 250, capMs: 10_000 },
      rate: null,
      maxParamBytes: 256,
      ...delivery,
    },
    createdAt: Date.now(),
    ...rest,
  };
}

let contacts = 100_000_000_000;

function acceptance({ id, delivery }: Connector): Acceptance {
  return {
    id: createId("ho", shardOf("cn", id) ?? 0, Date.now(), randomBytes(ID_RANDOM_BYTES)),
    connectorId: id,
    contactId: String(contacts++),
    fixed: { accountId: "acme", projectId: id, environment: "live" },
    params: "sealed params",
    delayMs: 0,
    deadlineMs: delivery.deadlineMs,
    validUntil: FAR_FUTURE,
    rate: delivery.rate,
    maxPending: 1_000,
  };
}

/** redisNow is Redis's clock, epoch milliseconds. */
export async function redisNow(redis: RedisConnection): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
}

// Every instant that Baton keeps: scores, fields of records, connectors and accesses, expiries, and the breaker's seconds.
const ELAPSE = `
local ms = tonumber(ARGV[2])
local fields = { 'acc', 'since', 'due', 'dl', 'until', 'att', 'end', 'tat', 'hold', 'lane', 'bo', 'bp', 'expiresAt', 'leaseUntil', 'retryAt',
  'refusedUntil', 'renewedAt:token', 'renewedAt:address', 'renewFrom' }
for _, key in ipairs(redis.call('KEYS', ARGV[1])) do
  local kind = redis.call('TYPE', key).ok
  -- Causes are ranked by how many letters they have.
  if kind == 'zset' and string.sub(key, -12) ~= ':dead:causes' then
    local flat = redis.call('ZRANGE', key, 0, -1, 'WITHSCORES')
    for i = 1, #flat, 2 do redis.call('ZADD', key, flat[i + 1] - ms, flat[i]) end
  elseif kind == 'hash' then
    for _, field in ipairs(fields) do
      local value = tonumber(redis.call('HGET', key, field) or nil)
      if value then redis.call('HSET', key, field, string.format(value % 1 == 0 and '%.0f' or '%.3f', value - ms)) end
    end
    local slot, shift = string.match(redis.call('HGET', key, 'res') or '', '^(%d+):(%d+)$')
    if slot then redis.call('HSET', key, 'res', string.format('%.0f:%s', slot - ms, shift)) end
    local moved = {}
    for i = 0, 9 do
      local second, rest = string.match(redis.call('HGET', key, 'b' .. i) or '', '^(%d+)(:%d+:%d+)$')
      if second then
        redis.call('HDEL', key, 'b' .. i)
        moved[#moved + 1] = { second - ms / 1000, rest }
      end
    end
    local failed = tonumber(redis.call('HGET', key, 'bf') or nil)
    if failed then redis.call('HSET', key, 'bf', string.format('%.0f', failed - ms / 1000)) end
    for _, bucket in ipairs(moved) do redis.call('HSET', key, 'b' .. bucket[1] % 10, string.format('%.0f', bucket[1]) .. bucket[2]) end
  end
  local left = redis.call('PTTL', key)
  if left > ms then redis.call('PEXPIRE', key, left - ms) elseif left >= 0 then redis.call('DEL', key) end
end
return 0`;
