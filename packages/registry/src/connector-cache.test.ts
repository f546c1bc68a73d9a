import { randomBytes } from "node:crypto";
import { expect, it } from "vitest";
import { createConnector } from "../../domain/testing/connector.ts";
import { openTestRedis } from "../../redis/testing/redis.ts";
import { createConnectorCache } from "./connector-cache.ts";
import { createConnectorStore } from "./connector-store.ts";

async function setup() {
  const store = createConnectorStore(await openTestRedis(), `t${randomBytes(6).toString("hex")}`);
  let version: number | undefined = 1;
  const asked: string[] = [];
  const counted = {
    ...store,
    read: (id: string) => {
      asked.push(id);
      return store.read(id);
    },
    token: (id: string) => {
      asked.push(id);
      return store.token(id);
    },
  };
  return {
    store,
    asked,
    connectorCache: createConnectorCache(counted, () => version),
    changeTo: (next: number | undefined) => {
      version = next;
    },
  };
}

it("asks once for what it knows, also for what is not there, and for many who ask at once", async () => {
  const { store, connectorCache, asked } = await setup();
  const connector = createConnector();
  await store.create({ connector, credentials: "sealed" });
  const found = await Promise.all(Array.from({ length: 5 }, async () => connectorCache.connector(connector.id)));
  for (const one of found) expect(one).toEqual({ connector, credentials: "sealed" });
  for (let i = 0; i < 3; i++) expect(await connectorCache.token("none")).toBeUndefined();
  expect(asked).toEqual([connector.id, "none"]);
});

it("gives what it knows at once, and to those who ask meanwhile the answer that is on its way", async () => {
  const { store, connectorCache } = await setup();
  const connector = createConnector();
  await store.create({ connector, credentials: "sealed" });
  const [first, meanwhile] = [connectorCache.connector(connector.id), connectorCache.connector(connector.id)];
  expect(meanwhile).toBe(first);
  await first;
  expect(connectorCache.connector(connector.id)).toEqual({ connector, credentials: "sealed" });
});

it("asks again once the registry changed, and each time while it is not known whether it did", async () => {
  const { store, connectorCache, asked, changeTo } = await setup();
  const connector = createConnector();
  expect(await connectorCache.connector(connector.id)).toBeUndefined();
  await store.create({ connector, credentials: "sealed" });
  expect(await connectorCache.connector(connector.id)).toBeUndefined();
  changeTo(2);
  expect(await connectorCache.connector(connector.id)).toBeDefined();
  changeTo(undefined);
  for (let i = 0; i < 3; i++) await connectorCache.connector(connector.id);
  expect(asked).toHaveLength(5);
});

it("remembers fifty thousand, and past them removes the least recently used", async () => {
  const asked = new Map<string, number>();
  const token = async (id: string) => {
    asked.set(id, (asked.get(id) ?? 0) + 1);
    return undefined;
  };
  const connectorCache = createConnectorCache(
    { token, read: async () => undefined, ownerOf: async () => undefined },
    () => 1,
  );
  await connectorCache.token("in use");
  await connectorCache.token("not in use");
  for (let i = 0; i < 49_999; i++) {
    await connectorCache.token(`wrong ${i}`);
    if (i % 1_000 === 0) await connectorCache.token("in use");
  }
  await connectorCache.token("in use");
  await connectorCache.token("not in use");
  expect([asked.get("in use"), asked.get("not in use")]).toEqual([1, 2]);
});

it("remembers no failure", async () => {
  const { store } = await setup();
  let fails = true;
  const read = async () => {
    if (fails) throw new Error("Redis is away");
    return undefined;
  };
  const connectorCache = createConnectorCache({ ...store, read }, () => 1);
  await expect(connectorCache.connector("cn")).rejects.toThrow("away");
  fails = false;
  expect(await connectorCache.connector("cn")).toBeUndefined();
});

it("gives a project and a number to one connector only, of two who ask at once", async () => {
  const { store } = await setup();
  const make = (pseudoNumbers: string[], projectId?: string) =>
    createConnector({}, { pseudoNumbers, ...(projectId === undefined ? {} : { projectId }) });
  const create = (connector: ReturnType<typeof make>) => store.create({ connector, credentials: "sealed" });
  const rivals = [make(["+1 (555) 0100"], "P"), make(["+1 (555) 0199"], "P")];
  const kinds = await Promise.all(rivals.map(create));
  expect(kinds.map(({ kind }) => kind).toSorted()).toEqual(["created", "project-taken"]);
  const [winner] = rivals;
  if (winner === undefined) throw new Error("none");
  expect(await create(make(["15550100"]))).toEqual({ kind: "number-taken", number: "15550100" });
  expect(await create(winner)).toEqual({ kind: "created" });
  expect((await store.all()).map(({ connector }) => connector.id)).toEqual([winner.id]);
});

it("ends a connector's older tokens after the overlap, and keeps them without one", async () => {
  const { store } = await setup();
  const connector = createConnector();
  expect(await store.issueToken({ connectorId: connector.id, tokenId: "1", hash: "h1" })).toBeUndefined();
  await store.create({ connector, credentials: "sealed" });
  const issued = await store.issueToken({ connectorId: connector.id, tokenId: "1", hash: "h1" });
  await store.issueToken({ connectorId: connector.id, tokenId: "2", hash: "h2" });
  expect(await store.token("1")).toEqual({ connectorId: connector.id, hash: "h1", createdAt: issued?.createdAt });
  const third = await store.issueToken({ connectorId: connector.id, tokenId: "3", hash: "h3", overlapMs: 60_000 });
  const ends = (third?.createdAt ?? 0) + 60_000;
  for (const id of ["1", "2"]) expect(await store.token(id)).toMatchObject({ expiresAt: ends });
  expect(await store.token("3")).not.toHaveProperty("expiresAt");
  // A longer overlap later brings nothing back.
  await store.issueToken({ connectorId: connector.id, tokenId: "4", hash: "h4", overlapMs: 600_000 });
  expect(await store.token("1")).toMatchObject({ expiresAt: ends });
});
