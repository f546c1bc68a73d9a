import { randomBytes } from "node:crypto";
import { createCxOneHttp, parseAllowedHosts } from "@baton/cxone";
import { createConnectorStore, createSealedAccessStore, createShards, openRedis, parseRedisUrl } from "@baton/store";
import { createVault, generateKeyringEntry, parseKeyring, placeOf } from "@baton/vault";
import { expect, inject, it, onTestFinished } from "vitest";
import { createRoutes } from "./routes.ts";

const CREDENTIALS = { clientId: "a", clientSecret: "b", accessKeyId: "c", accessKeySecret: "d" };

it("keeps one route, with its credentials, of each connector as long as that is the same, and none of one that it is told to forget", async () => {
  const redis = openRedis(parseRedisUrl(inject("redisUrl")), "events");
  const http = createCxOneHttp();
  onTestFinished(() => {
    redis.disconnect();
    http.close();
  });
  const namespace = `t${randomBytes(6).toString("hex")}`;
  const store = createConnectorStore(redis, namespace);
  const vault = createVault(parseKeyring(generateKeyringEntry()));
  const routes = createRoutes({
    directory: { connector: (id) => store.read(id) },
    accesses: createSealedAccessStore(createShards(redis, namespace, 1), Math.random),
    vault,
    http,
    allowedHosts: parseAllowedHosts([]),
    now: Date.now,
    onTokenRequest: () => undefined,
  });
  for (const id of ["cn_1", "cn_2"]) {
    const credentials = vault.seal(JSON.stringify(CREDENTIALS), placeOf("credentials", id)).toString("base64url");
    await store.create({ connector: connectorOf(id), credentials });
  }
  const first = await routes.find("cn_1");
  expect(await routes.find("cn_1")).toBe(first);
  await routes.find("cn_2");
  expect(routes.connectors()).toEqual(["cn_1", "cn_2"]);
  routes.forget(["cn_1"]);
  expect(routes.connectors()).toEqual(["cn_2"]);
  expect(await routes.find("cn_1")).not.toBe(first);
});

function connectorOf(id: string) {
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
    },
    createdAt: 0,
  } as const;
}
