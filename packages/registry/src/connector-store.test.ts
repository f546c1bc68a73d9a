import { randomBytes } from "node:crypto";
import type { Connector } from "@baton/domain";
import { registryHashTag } from "@baton/redis/shards";
import { expect, it, onTestFinished } from "vitest";
import { createConnector, FAR_FUTURE } from "../../domain/testing/connector.ts";
import { openTestRedis } from "../../redis/testing/redis.ts";
import { createConnectorStore, type StoredConnector } from "./connector-store.ts";
import { Heartbeat } from "./process-heartbeat.ts";
import { createTokenUseBuffer } from "./token-use-buffer.ts";

async function setup() {
  const redis = await openTestRedis();
  const namespace = `t${randomBytes(6).toString("hex")}`;
  const connectors = createConnectorStore(redis, namespace);
  async function create(change: Partial<Connector> = {}): Promise<StoredConnector> {
    const stored = { connector: createConnector({}, change), credentials: "sealed" };
    expect(await connectors.create(stored)).toEqual({ kind: "created" });
    return stored;
  }
  const version = async () => Number(await redis.hget(`${registryHashTag(namespace)}:meta`, "version"));
  return { redis, namespace, connectors, create, version };
}

function next({ connector, ...rest }: StoredConnector, change: Partial<Connector> = {}): StoredConnector {
  return { ...rest, connector: { ...connector, ...change, version: connector.version + 1 } };
}

it("moves a connector's project and numbers with its change, and lets go of those before", async () => {
  const { connectors, create, version } = await setup();
  const before = await create({ pseudoNumbers: ["+1 555 0100", "+1 555 0101"] });
  const { id, accountId, projectId } = before.connector;
  const at = await version();
  const after = next(before, { projectId: "moved", pseudoNumbers: ["15550101", "15550102"] });
  expect(await connectors.change(before, after)).toEqual({ kind: "changed" });
  expect(await version()).toBeGreaterThan(at);
  expect(await connectors.read(id)).toEqual(after);
  expect(
    await Promise.all(["15550100", "+1 555 0101", "15550102"].map((number) => connectors.ownerOf(number))),
  ).toEqual([undefined, id, id]);
  await create({ accountId, projectId, pseudoNumbers: ["1-555-0100"] });
});

it("never comes to a version again that a process may know, also where Redis lost everything", async () => {
  const { redis, namespace, create, version } = await setup();
  await create();
  await create();
  const at = await version();
  await redis.del(`${registryHashTag(namespace)}:meta`);
  await expect.poll(async () => Number((await redis.time())[0]) * 1_000).toBeGreaterThan(at);
  await create();
  const after = await version();
  expect(after).toBeGreaterThan(at);
  await create();
  expect(await version()).toBeGreaterThan(after);
});

it("refuses a change to what another has, and changes nothing", async () => {
  const { connectors, create, version } = await setup();
  const [one, other] = [await create({ pseudoNumbers: ["100"] }), await create({ pseudoNumbers: ["200"] })];
  const at = await version();
  const project = { accountId: one.connector.accountId, projectId: one.connector.projectId };
  expect(await connectors.change(other, next(other, project))).toEqual({
    kind: "project-taken",
    connectorId: one.connector.id,
  });
  expect(await connectors.change(other, next(other, { pseudoNumbers: ["300", "1-00"] }))).toEqual({
    kind: "number-taken",
    number: "100",
  });
  expect(await connectors.read(other.connector.id)).toEqual(other);
  expect(await connectors.ownerOf("300")).toBeUndefined();
  expect(await version()).toBe(at);
});

it("lets one of two changes of the same version win, and one of two with the same number", async () => {
  const { connectors, create } = await setup();
  const [one, other] = [await create(), await create()];
  const kinds = (answers: readonly { kind: string }[]) => answers.map(({ kind }) => kind).sort();
  const same = [next(one, { name: "a" }), next(one, { name: "b" })].map((after) => connectors.change(one, after));
  expect(kinds(await Promise.all(same))).toEqual(["changed", "stale"]);
  const latest = (await connectors.read(one.connector.id)) ?? one;
  const both = [latest, other].map((before) => connectors.change(before, next(before, { pseudoNumbers: ["400"] })));
  expect(kinds(await Promise.all(both))).toEqual(["changed", "number-taken"]);
});

it("puts resealed credentials in place beside another change, which stays, and raises no version", async () => {
  const { connectors, create, version } = await setup();
  const before = await create({ pseudoNumbers: ["600"] });
  const { id } = before.connector;
  const after = next(before, { name: "renamed" });
  const reseal = connectors.swapCredentials(id, { before: "sealed", after: "resealed" });
  expect([await connectors.change(before, after), await reseal]).toEqual([{ kind: "changed" }, true]);
  const at = await version();
  expect(await connectors.read(id)).toEqual({ ...after, credentials: "resealed" });
  expect(await connectors.swapCredentials(id, { before: "resealed", after: "sealed anew" })).toBe(true);
  expect([await connectors.ownerOf("600"), await version()]).toEqual([id, at]);
  expect(await connectors.swapCredentials(id, { before: "sealed", after: "other" })).toBe(false);
  expect(await connectors.remove(after)).toBe(false);
});

it("removes a connector with its project, numbers, tokens and keys", async () => {
  const { connectors, create, redis, namespace } = await setup();
  const stored = await create({ pseudoNumbers: ["500"] });
  const { id: connectorId, projectId } = stored.connector;
  await connectors.issueToken({ connectorId, tokenId: "T1", hash: "h" });
  await connectors.issueToken({ connectorId, kind: "screen-pop-keys", tokenId: "K1", hash: "h" });
  expect(await connectors.remove(next(stored))).toBe(false);
  expect(await connectors.remove(stored)).toBe(true);
  expect(await connectors.remove(stored)).toBe(false);
  expect(await Promise.all([connectors.read(connectorId), connectors.token("T1"), connectors.token("K1")])).toEqual([
    undefined,
    undefined,
    undefined,
  ]);
  expect(await connectors.all()).toEqual([]);
  await create({ projectId, pseudoNumbers: ["500"] });
  const keys = await redis.keys(`${registryHashTag(namespace)}:*`);
  expect(keys.filter((key) => key.includes(connectorId))).toEqual([]);
});

it("keeps tokens and screen-pop keys apart, and ends older ones of the same kind only", async () => {
  const { connectors, create } = await setup();
  const { id: connectorId } = (await create()).connector;
  await connectors.issueToken({ connectorId, tokenId: "T1", hash: "h" });
  await connectors.issueToken({ connectorId, kind: "screen-pop-keys", tokenId: "K1", hash: "h" });
  const issued = await connectors.issueToken({ connectorId, tokenId: "T2", hash: "h", overlapMs: 5_000 });
  const byId = (tokens: readonly { id: string }[] = []) => [...tokens].sort((a, b) => (a.id < b.id ? -1 : 1));
  expect(byId(await connectors.tokens(connectorId, "tokens"))).toEqual([
    { id: "T1", createdAt: expect.any(Number), expiresAt: (issued?.createdAt ?? 0) + 5_000 },
    { id: "T2", createdAt: issued?.createdAt },
  ]);
  expect(await connectors.tokens(connectorId, "screen-pop-keys")).toEqual([
    { id: "K1", createdAt: expect.any(Number) },
  ]);
  expect(await connectors.revokeToken(connectorId, "tokens", "K1")).toBe(false);
  expect(await connectors.revokeToken(connectorId, "screen-pop-keys", "K1")).toBe(true);
  expect(await connectors.tokens(connectorId, "screen-pop-keys")).toEqual([]);
  expect(await connectors.tokens("cn_nobody", "tokens")).toBeUndefined();
});

it("writes a token's last use down with the heartbeat, once a minute at most", async () => {
  const { connectors, create, redis, namespace } = await setup();
  const { id: connectorId } = (await create()).connector;
  await connectors.issueToken({ connectorId, tokenId: "T1", hash: "h" });
  const uses = createTokenUseBuffer();
  const heartbeat = new Heartbeat(redis, { namespace, uses });
  onTestFinished(() => heartbeat.close());
  uses.note("T1");
  uses.note("T1");
  await heartbeat.send();
  expect(await connectors.tokens(connectorId, "tokens")).toMatchObject([{ lastUsedAt: expect.any(Number) }]);
  uses.note("T1");
  expect(uses.take()).toEqual([]);
});

it("writes at most five hundred uses with one heartbeat, the others with the next ones", async () => {
  const uses = createTokenUseBuffer();
  for (let i = 0; i < 1_200; i++) uses.note(`T${i}`);
  expect([uses.take().length, uses.take().length, uses.take().length, uses.take().length]).toEqual([500, 500, 200, 0]);
});

it("goes through any number of connectors in the order of their creation, also where many were made at one moment", async () => {
  const { connectors, redis, namespace } = await setup();
  const made = Array.from({ length: 1_203 }, (_, i) =>
    createConnector({}, { createdAt: 1_000 + Math.floor(i / 600), paused: i % 100 === 0 }),
  );
  await Promise.all(made.map((connector) => connectors.create({ connector, credentials: "sealed" })));
  const ids = made.toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1)).map(({ id }) => id);
  expect((await connectors.all()).map(({ connector }) => connector.id)).toEqual(ids);
  const entries = [];
  for await (const some of connectors.entries()) entries.push(...some);
  expect(entries.map(({ id }) => id)).toEqual(ids);
  const paused = new Set(made.filter((connector) => connector.paused).map(({ id }) => id));
  expect(new Set(entries.filter((entry) => entry.paused).map(({ id }) => id))).toEqual(paused);
  expect((await connectors.readSome([...ids, "cn_none"])).map(({ connector }) => connector.id)).toEqual(ids);
  // Where the last one of a page is deleted meanwhile, the next page goes on all the same.
  const last = { score: 1_000, member: ids[299] ?? "" };
  await redis.zrem(`{${namespace}}:connectors`, last.member);
  expect((await connectors.page({ after: last, limit: 5 })).map(({ connector }) => connector.id)).toEqual(
    ids.slice(300, 305),
  );
});

it("knows who is paused through every change, and forgets it with the connector", async () => {
  const { connectors, create, redis, namespace } = await setup();
  const stored = await create();
  const paused = () => redis.zrange(`${registryHashTag(namespace)}:connectors:paused`, "0", "-1");
  const change = (of: typeof stored, isPaused: boolean) => ({
    ...of,
    connector: { ...of.connector, paused: isPaused, version: of.connector.version + 1 },
  });
  const stopped = change(stored, true);
  await connectors.change(stored, stopped);
  expect(await paused()).toEqual([stored.connector.id]);
  const resumed = change(stopped, false);
  await connectors.change(stopped, resumed);
  expect(await paused()).toEqual([]);
  const again = change(resumed, true);
  await connectors.change(resumed, again);
  await connectors.remove(again);
  expect(await paused()).toEqual([]);
});

it("forgets the use of a token that is gone, and keeps what could not be written", async () => {
  const { redis, namespace } = await setup();
  const uses = createTokenUseBuffer();
  uses.note("GONE");
  await new Heartbeat(redis, { namespace, uses }).send();
  expect(await redis.exists(`${registryHashTag(namespace)}:token:GONE`)).toBe(0);
  uses.note("T2");
  uses.putBack(uses.take());
  expect(uses.take()).toEqual(["T2"]);
});

it("gives every heartbeat that everything is paused, and until when", async () => {
  const { connectors, redis, namespace } = await setup();
  const heartbeat = new Heartbeat(redis, { namespace });
  const pauses = [
    [{ paused: true }, true, undefined],
    [{ paused: true, pausedUntil: FAR_FUTURE }, true, FAR_FUTURE],
    // It is over by itself.
    [{ paused: true, pausedUntil: 1_000 }, false, undefined],
    [{ paused: false }, false, undefined],
  ] as const;
  for (const [pause, paused, pausedUntil] of pauses) {
    await connectors.pauseEverything(pause);
    await heartbeat.send();
    expect([heartbeat.paused, heartbeat.pausedUntil]).toEqual([paused, pausedUntil]);
  }
});
