import { randomBytes } from "node:crypto";
import { readRedisTime } from "@baton/redis/lua-script";
import { registryHashTag } from "@baton/redis/shards";
import { expect, it, onTestFinished } from "vitest";
import { openTestRedis } from "../../redis/testing/redis.ts";
import { createAdminKeyStore } from "./admin-key-store.ts";
import { Heartbeat } from "./process-heartbeat.ts";
import { createTokenUseBuffer } from "./token-use-buffer.ts";

const DAY_MS = 86_400_000;

async function setup() {
  const redis = await openTestRedis();
  const namespace = `t${randomBytes(6).toString("hex")}`;
  const tag = registryHashTag(namespace);
  onTestFinished(async () => {
    const all = await redis.keys(`${tag}*`);
    if (all.length > 0) await redis.unlink(...all);
  });
  const version = async () => Number(await redis.hget(`${tag}:meta`, "version"));
  return { redis, namespace, tag, version, keys: createAdminKeyStore(redis, namespace) };
}

const ANA = { id: "ANA", name: "Ana", role: "operator", hash: "h1" } as const;

it("finds a key until it is revoked, and every process sees both", async () => {
  const { keys, version } = await setup();
  const { createdAt } = await keys.issue(ANA);
  const issuedVersion = await version();
  expect(await keys.key("ANA")).toEqual(ANA);
  expect(await keys.keys()).toEqual([{ id: "ANA", name: "Ana", role: "operator", createdAt }]);
  expect(await keys.revoke("ANA")).toBe(true);
  const revokedVersion = await version();
  expect(revokedVersion).toBeGreaterThan(issuedVersion);
  expect([await keys.revoke("ANA"), await version()]).toEqual([false, revokedVersion]);
  expect([await keys.key("ANA"), await keys.keys()]).toEqual([undefined, []]);
});

it("writes a key's use with the heartbeat", async () => {
  const { redis, namespace, keys } = await setup();
  await keys.issue(ANA);
  const uses = createTokenUseBuffer();
  uses.note("ANA");
  uses.note("UNKNOWN");
  await new Heartbeat(redis, { namespace, uses }).send();
  expect(await keys.keys()).toMatchObject([{ id: "ANA", lastUsedAt: expect.any(Number) }]);
});

it("forgets a key that expired more than a day ago, once another is issued", async () => {
  const { redis, keys } = await setup();
  const now = await readRedisTime(redis, "");
  await keys.issue({ ...ANA, id: "LONG-AGO", expiresAt: now - DAY_MS - 1_000 });
  await keys.issue({ ...ANA, id: "LATELY", expiresAt: now - DAY_MS + 60_000 });
  await keys.issue(ANA);
  expect((await keys.keys()).map(({ id }) => id).toSorted()).toEqual(["ANA", "LATELY"]);
  expect(await keys.key("LONG-AGO")).toBeUndefined();
});

it("lets no key in with a role that only a newer Baton knows", async () => {
  const { redis, tag, keys } = await setup();
  await keys.issue(ANA);
  await redis.hset(`${tag}:token:ANA`, "role", "owner");
  expect([await keys.key("ANA"), await keys.keys()]).toEqual([undefined, []]);
});
