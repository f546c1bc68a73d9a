import { randomBytes } from "node:crypto";
import { registryHashTag } from "@baton/redis/shards";
import { createConnectorStore } from "@baton/registry/connector-store";
import { expect, it } from "vitest";
import { createConnector, setup as createSpace, DELIVERED } from "../testing/space.ts";
import { createResealableValueStore, type SealedPage, type SealedValue } from "./resealable-value-store.ts";

const LARGEST_CONTEXT = "x".repeat(43_800);

async function setup(shards = 1) {
  const space = await createSpace(shards);
  const connectors = createConnectorStore(space.redis, space.shards.namespace);
  const sealed = createResealableValueStore(space.shards, connectors);
  /** Every page of a shard, to its end. */
  async function pagesOf(tag: string): Promise<readonly SealedPage[]> {
    const pages: SealedPage[] = [];
    for (let last: SealedPage["last"]; ; ) {
      const page = await sealed.handoffs(tag, last);
      pages.push(page);
      last = page.last;
      if (last === undefined) return pages;
    }
  }
  const keyed = (fingerprint: string, keepMs: number) => ({
    key: randomBytes(8).toString("hex"),
    fingerprints: [fingerprint],
    keepMs,
  });
  return { ...space, sealed, connectors, pagesOf, keyed };
}

const idsOf = (pages: readonly SealedPage[], kind: SealedValue["kind"] = "params") =>
  pages.flatMap(({ entries }) => entries.filter((entry) => entry.kind === kind).map(({ record }) => record));

it("meets every handoff once, the oldest first, whatever became of it", async () => {
  const { sealed, pagesOf, queued, sending, settle, die, tag } = await setup();
  const connector = createConnector();
  const ids: string[] = [];
  ids.push((await die(connector)).handoff.id);
  // Its parameters are gone, its context is not.
  const delivered = await queued(connector, { sealedContext: "sealed context" });
  await settle(connector, await sending(connector, delivered), DELIVERED);
  for (let count = 0; count < 230; count++) ids.push((await queued(connector)).handoff.id);
  const pages = await pagesOf(tag);
  expect(pages.length).toBeGreaterThan(2);
  expect(new Set(idsOf(pages))).toEqual(new Set(ids));
  expect(idsOf(pages)).toHaveLength(ids.length);
  expect(idsOf(pages, "context")).toEqual([delivered.handoff.id]);
  expect(await sealed.count(tag)).toBe(ids.length + 1);
});

it("goes on where the page before ended, though its last handoff is gone and more were accepted", async () => {
  const { sealed, queued, handoffs, tag } = await setup();
  const connector = createConnector();
  const before: string[] = [];
  for (let count = 0; count < 101; count++) before.push((await queued(connector)).handoff.id);
  const first = await sealed.handoffs(tag);
  const later = await queued(connector);
  await handoffs.withdraw(first.last?.member ?? "");
  const met = [...idsOf([first]), ...idsOf([await sealed.handoffs(tag, first.last)])];
  expect(new Set(met)).toEqual(new Set([...before, later.handoff.id]));
});

it("meets every handoff once, though hundreds are of one moment and the ones before are gone", async () => {
  const { sealed, pagesOf, redis, tag } = await setup();
  const ids = Array.from({ length: 450 }, (_, i) => `ho_${String(i).padStart(3, "0")}`);
  for (const id of ids) {
    await redis.hset(`${tag}:h:${id}`, "cn", "connector");
    await redis.set(`${tag}:p:${id}`, "sealed params");
    await redis.zadd(`${tag}:all`, 1_000, id);
  }
  expect(idsOf(await pagesOf(tag))).toEqual(ids);
  const first = await sealed.handoffs(tag);
  await redis.zrem(`${tag}:all`, ...idsOf([first]).slice(0, 50), first.last?.member ?? "");
  expect(idsOf([await sealed.handoffs(tag, first.last)])[0]).toBe(ids[100]);
});

it("says until when a key is needed for fingerprints, though their handoffs are gone before", async () => {
  const { sealed, queued, handoffs, keyed, tag, elapse, now } = await setup();
  const connector = createConnector();
  await queued(connector, { idempotency: keyed("k1.abc", 30_000) });
  const { handoff } = await queued(connector, { idempotency: keyed("k1.abd", 60_000) });
  await queued(connector, { idempotency: keyed("k2.abc", 90_000) });
  await handoffs.withdraw(handoff.id);
  const at = await now();
  const until = await sealed.fingerprints(tag);
  expect([...until.keys()]).toEqual(["k1", "k2"]);
  expect((until.get("k1") ?? 0) - at).toBeGreaterThan(50_000);
  await elapse(60_000);
  expect([...(await sealed.fingerprints(tag)).keys()]).toEqual(["k2"]);
});

it("puts nothing in the place of what was changed or removed meanwhile", async () => {
  const { sealed, queued, handoffs, redis, tag } = await setup();
  const connector = createConnector();
  const [changed, removed, same] = [await queued(connector), await queued(connector), await queued(connector)];
  const { entries } = await sealed.handoffs(tag);
  const swaps = entries.map((entry) => ({ entry, before: "sealed params", after: "sealed anew" }));
  await redis.set(`${tag}:p:${changed.handoff.id}`, "of another process");
  await handoffs.withdraw(removed.handoff.id);
  expect(await sealed.swap(swaps)).toBe(1);
  const now = await Promise.all(entries.map(async (entry) => [entry.record, await sealed.read(entry)] as const));
  expect(new Map(now)).toEqual(
    new Map([
      [changed.handoff.id, "of another process"],
      [removed.handoff.id, undefined],
      [same.handoff.id, "sealed anew"],
    ]),
  );
  expect(await redis.exists(`${tag}:h:${removed.handoff.id}`)).toBe(0);
  expect(await sealed.swap(swaps)).toBe(0);
});

it("leaves what a newer Baton wrote alone", async () => {
  const { sealed, queued, redis, tag } = await setup();
  const { handoff } = await queued(createConnector());
  await redis.hset(`${tag}:h:${handoff.id}`, "v", 99);
  const [entry] = (await sealed.handoffs(tag)).entries;
  if (entry === undefined) throw new Error("nothing found");
  expect(await sealed.swap([{ entry, before: "sealed params", after: "sealed anew" }])).toBe(0);
});

it("puts more than one script takes in at once", async () => {
  const { sealed, queued, pagesOf, tag } = await setup();
  const connector = createConnector();
  for (let count = 0; count < 5; count++) await queued(connector, { sealedContext: LARGEST_CONTEXT });
  const contexts = (await pagesOf(tag)).flatMap(({ entries }) => entries.filter(({ kind }) => kind === "context"));
  expect(await sealed.swap(contexts.map((entry) => ({ entry, before: LARGEST_CONTEXT, after: "short" })))).toBe(5);
});

it("changes a connector's credentials and nothing else of it, and makes a change of what was read before stale", async () => {
  const { sealed, connectors, redis, shards } = await setup();
  const connector = createConnector({}, { name: 'the "credentials":"old" one' });
  const before = { connector, credentials: "old" };
  await connectors.create(before);
  const [entry] = await sealed.connectors();
  if (entry === undefined) throw new Error("nothing found");
  expect(await sealed.read(entry)).toBe("old");
  const version = await redis.hget(`${registryHashTag(shards.namespace)}:meta`, "version");
  expect(await sealed.swap([{ entry, before: "old", after: "new" }])).toBe(1);
  expect(await connectors.read(connector.id)).toEqual({ connector, credentials: "new" });
  expect(await redis.hget(`${registryHashTag(shards.namespace)}:meta`, "version")).toBe(version);
  expect(await connectors.change(before, { ...before, connector: { ...connector, version: 2 } })).toEqual({
    kind: "stale",
  });
  expect(await sealed.swap([{ entry, before: "old", after: "newer" }])).toBe(0);
});

it("finds the cached access of every shard, and keeps its end", async () => {
  const { sealed, connectors, accesses, redis, shards } = await setup(3);
  const stored = [0, 1, 2].map((shard) => ({ connector: createConnector({}, { shard }), credentials: "credentials" }));
  for (const each of stored) {
    await connectors.create(each);
    const { id: connectorId } = each.connector;
    await accesses.claim({ connectorId, lease: "l", what: "token" });
    await accesses.grant({
      connectorId,
      lease: "l",
      access: "old",
      version: "1",
      lifetimeMs: 60_000,
      renewAfterMs: 60_000,
    });
  }
  const entries = (await sealed.connectors()).filter(({ kind }) => kind === "access");
  expect(entries.map(({ connectorId }) => connectorId).sort()).toEqual(
    stored.map(({ connector }) => connector.id).sort(),
  );
  expect(await sealed.swap(entries.map((entry) => ({ entry, before: "old", after: "new" })))).toBe(3);
  for (const [shard, { connector }] of stored.entries()) {
    expect(await accesses.claim({ connectorId: connector.id, lease: "m", what: "token" })).toEqual({
      kind: "cached",
      access: "new",
    });
    expect(await redis.pttl(`${shards.tags[shard]}:a:${connector.id}`)).toBeGreaterThan(0);
  }
});
