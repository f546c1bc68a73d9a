/** Twenty thousand connectors: everything that lists, counts or signals works, in steps that are short for Redis. */
import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { type ConnectorJson, createBatonClient } from "@baton/api";
import { type Connector, createIdInShard, ID_RANDOM_BYTES, shardOfId } from "@baton/domain";
import { createHandoffStore } from "@baton/handoffs";
import { isRedisUnavailable } from "@baton/redis/connection";
import type { Redis } from "ioredis";
import { expect, it } from "vitest";
import { createConnector } from "../packages/domain/testing/connector.ts";
import { startRedisServer } from "./world/redis-server.ts";
import { createWorld, ended, type World } from "./world/world.ts";

const CONNECTORS = 20_000;
const SHARDS = 4;
/** So many are asked for at once while they are made. */
const AT_ONCE = 200;
/** Commands of half a second in which nothing is asked but by heartbeats and the worker's wait. */
const QUIET = 100;
/** Work is counted here, not time: a machine that is busy with other tests may take long for it. Milliseconds. */
const ANSWER_MS = 60_000;
/** A script of so many commands takes Redis a few milliseconds; nothing else is served meanwhile. */
const PER_SCRIPT = 3_000;

it("creates, lists, counts, signals and measures beside twenty thousand connectors", { timeout: 300_000 }, async () => {
  const server = await startRedisServer();
  const world = await createWorld({ BATON_REDIS_URL: server.url, BATON_SHARDS: String(SHARDS) });
  const admin = await world.startAdmin();
  const client = createBatonClient({ adminUrl: admin.url, adminKey: admin.key, timeoutMs: ANSWER_MS });
  const many = await createMany(world, CONNECTORS - 2);
  const { connector: real, token } = await world.createConnector({ shard: 3 });

  const created = await client.createConnector(body("the last one"));
  const listing = await watchScripts(server.redis, () => everyId(client));
  expect(listing.result).toEqual([...many.map(({ id }) => id), real.id, created.id]);
  expect(listing.longest).toBeLessThan(PER_SCRIPT);

  const [paused, oldest, ...queued] = many.slice(100, 1_502);
  if (paused === undefined || oldest === undefined) throw new Error("none");
  await client.pauseConnector(paused.id);
  await acceptFor(world, [oldest]);
  await acceptFor(world, queued);
  const before = await calls(server.redis);
  const { result: overview, longest } = await watchScripts(server.redis, () => client.overview());
  const used = await calls(server.redis, before);
  expect(longest).toBeLessThan(PER_SCRIPT);
  expect(overview).toMatchObject({ connectorsTotal: CONNECTORS, handoffs: { queued: 1_401 } });
  expect(overview.connectors).toHaveLength(200);
  expect(overview.connectors[0]).toMatchObject({ id: paused.id, paused: true, queued: 0 });
  expect(overview.connectors.slice(1).every((connector) => connector.queued === 1)).toBe(true);
  // Of those that have something queued, the rate and the most urgent handoff; of those that are shown, all else.
  expect(used.get).toBeLessThan(1_401 + 300);
  expect(used.hgetall).toBeLessThan(1_401 + 500);
  // For a while all that ask get the same answer.
  await Promise.all(Array.from({ length: 10 }, () => client.overview()));
  expect((await calls(server.redis, before)).zrange).toBeLessThan(2 * used.zrange);

  const gauges = await scrape(admin.url, /^baton_queued\{connector="([^"]*)"\} (\d+)$/gm);
  expect(gauges).toHaveLength(1_001);
  expect(gauges.reduce((sum, [, count]) => sum + Number(count), 0)).toBe(1_401);
  expect(gauges.at(-1)).toEqual(["other", "402"]);

  const [first, ...others] = many.slice(2_000, 2_003);
  if (first === undefined) throw new Error("none");
  await dieFor(world, [first, ...others]);
  await untilQuiet(server.redis);
  const beforeCauses = await calls(server.redis);
  const { items: causes } = await client.causes();
  expect(causes).toMatchObject([{ reason: "expired", count: 3, connectorsTotal: 3 }]);
  expect(new Set(causes[0]?.connectors)).toEqual(new Set([first, ...others].map(({ id }) => id)));
  expect((await calls(server.redis, beforeCauses)).all).toBeLessThan(500);

  const ingress = await world.startIngress();
  await world.startWorker();
  await untilQuiet(server.redis);
  const beforeSignal = await calls(server.redis);
  const baton = createBatonClient({ ingressUrl: ingress.url, token });
  const { id } = await baton.send({ contactId: "100000000001" });
  expect(await ended(baton, id)).toMatchObject({ status: "delivered" });
  // A worker that signals for one connector reads one.
  expect((await calls(server.redis, beforeSignal)).get).toBeLessThan(1_000);
});

/** createMany puts connectors into the registry as admin would, whose HTTP would take minutes for so many. */
async function createMany({ connectors, simulator }: World, count: number): Promise<readonly Connector[]> {
  const many = Array.from({ length: count }, (_, i): Connector => {
    // Ids of one moment are in no order: a thousand connectors share each.
    const createdAt = 1_700_000_000_000 + Math.floor(i / 1_000);
    const id = createIdInShard("cn", i % SHARDS, createdAt, randomBytes(ID_RANDOM_BYTES));
    const cxone = { issuer: simulator.url, apiVersion: "v30.0", paramsIn: "query" } as const;
    return createConnector(
      {},
      { id, name: `connector ${i}`, pseudoNumbers: [`+1 555 ${1_000_000 + i}`], cxone, createdAt },
    );
  });
  await atOnce(many, (connector) => untilAnswered(() => connectors.create({ connector, credentials: "sealed" })));
  return many.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
}

/** acceptFor has one handoff wait for each of these connectors. */
async function acceptFor(world: World, some: readonly Connector[]): Promise<void> {
  await atOnce(some, (connector) => accept(world, connector, { delayMs: 60_000, deadlineMs: 600_000 }));
}

/** dieFor has one handoff of each of these connectors expire. */
async function dieFor(world: World, some: readonly Connector[]): Promise<void> {
  const ids = await Promise.all(some.map((connector) => accept(world, connector, { delayMs: 0, deadlineMs: 1 })));
  const handoffs = createHandoffStore(world.shards);
  const statuses = () => Promise.all(ids.map(async (id) => (await handoffs.read(id))?.handoff.status));
  await expect.poll(statuses, { timeout: 20_000 }).toEqual(ids.map(() => "dead"));
}

async function accept(
  { shards }: World,
  connector: Connector,
  times: { delayMs: number; deadlineMs: number },
): Promise<string> {
  const { id: connectorId, accountId, projectId, environment } = connector;
  const id = createIdInShard("ho", shardOfId("cn", connectorId) ?? 0, Date.now(), randomBytes(ID_RANDOM_BYTES));
  const { accept } = createHandoffStore(shards);
  await untilAnswered(() =>
    accept({
      id,
      connectorId,
      contactId: "200000000001",
      origin: { accountId, projectId, environment },
      sealedParams: "sealed",
      ...times,
      commandDeadline: Number.MAX_SAFE_INTEGER,
      rate: null,
      maxPending: 10,
    }),
  );
  return id;
}

async function atOnce<T>(items: readonly T[], act: (item: T) => Promise<unknown>): Promise<void> {
  for (let first = 0; first < items.length; first += AT_ONCE)
    await Promise.all(items.slice(first, first + AT_ONCE).map(act));
}

/**
 * A machine that is busy with other tests may keep Redis from answering in time; what is asked here may be asked twice.
 */
async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!isRedisUnavailable(error)) throw error;
    }
  }
}

async function everyId(client: ReturnType<typeof createBatonClient>): Promise<readonly string[]> {
  const ids: string[] = [];
  let cursor: string | undefined;
  do {
    const page: { items: readonly ConnectorJson[]; nextCursor?: string } = await client.connectors({
      limit: 500,
      ...(cursor && { cursor }),
    });
    ids.push(...page.items.map(({ id }) => id));
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return ids;
}

/** scrape asks until the gauges are there: a scrape that takes too long answers without them. */
async function scrape(url: string, pattern: RegExp): Promise<readonly (readonly string[])[]> {
  let found: readonly (readonly string[])[] = [];
  const read = async () => {
    const text = await (await fetch(`${url}/metrics`)).text();
    found = [...text.matchAll(pattern)].map(([, ...groups]) => groups);
    return found.length;
  };
  await expect.poll(read, { timeout: 30_000 }).toBeGreaterThan(0);
  return found;
}

const COUNTED = ["get", "hgetall", "zrange"] as const;
type Calls = Readonly<Record<(typeof COUNTED)[number] | "all", number>>;

/** calls counts the commands that Redis ran, also inside of scripts, since `before`. */
async function calls(redis: Redis, before?: Calls): Promise<Calls> {
  const stats = [...(await redis.info("commandstats")).matchAll(/^cmdstat_([\w|]+):calls=(\d+)/gm)];
  const byName = new Map(stats.map(([, name, count]) => [name, Number(count)]));
  const all = stats.reduce((sum, [, , count]) => sum + Number(count), 0);
  const since = (name: keyof Calls, count: number) => [name, count - (before?.[name] ?? 0)] as const;
  return Object.fromEntries([
    since("all", all),
    ...COUNTED.map((name) => since(name, byName.get(name) ?? 0)),
  ]) as unknown as Calls;
}

/**
 * untilQuiet waits until Redis is asked for little more than heartbeats: the figures of a scrape that took too long are
 * read to their end, though it was answered without them.
 */
async function untilQuiet(redis: Redis): Promise<void> {
  const inHalfASecond = async () => {
    const before = await calls(redis);
    await sleep(500);
    return (await calls(redis, before)).all;
  };
  await expect.poll(inHalfASecond, { timeout: 60_000 }).toBeLessThan(QUIET);
}

/** watchScripts does something, and says how many commands the longest script meanwhile ran. */
async function watchScripts<T>(redis: Redis, act: () => Promise<T>): Promise<{ result: T; longest: number }> {
  const monitor = await redis.monitor();
  let [length, longest] = [0, 0];
  monitor.on("monitor", (_time: string, _args: readonly string[], source: string) => {
    length = source === "lua" ? length + 1 : 0;
    longest = Math.max(longest, length);
  });
  const result = await act();
  // A round trip, in which the last lines of MONITOR arrive.
  await redis.ping();
  monitor.disconnect();
  return { result, longest };
}

function body(name: string) {
  const secret = "x".repeat(20);
  const credentials = { clientId: secret, clientSecret: secret, accessKeyId: secret, accessKeySecret: secret };
  return { name, accountId: "acme", projectId: "the-last", credentials };
}
