/**
 * A Redis whose certificate has expired or that asks for a client certificate is named at start and by readiness; and
 * behind Sentinel Baton logs in to the master as a user of its own.
 */
import { expect, it } from "vitest";
import { documentedUser } from "./world/documented-user.ts";
import { startOn } from "./world/outage.ts";
import { runToEnd, startProcess } from "./world/process.ts";
import { eventually } from "./world/redis-server.ts";
import { startSentinel } from "./world/sentinel.ts";
import { startTlsRedis, type TlsRedis } from "./world/tls-redis.ts";
import { createWorld } from "./world/world.ts";

const NAMESPACE = "access-test";

async function setupTls() {
  const redis = await startTlsRedis();
  const { env } = await createWorld({ BATON_REDIS_URL: redis.url });
  return { redis, env: { ...env, BATON_REDIS_URL: redis.tlsUrl, NODE_EXTRA_CA_CERTS: redis.certificate } };
}

const set = ({ redis }: TlsRedis, ...settings: readonly string[]) => redis.call("CONFIG", "SET", ...settings);

const TLS_FAULTS: readonly {
  readonly name: string;
  readonly impose: (redis: TlsRedis) => Promise<unknown>;
  readonly lift: (redis: TlsRedis) => Promise<unknown>;
  readonly says: string;
}[] = [
  {
    name: "whose certificate has expired",
    impose: (redis) => redis.present("expired"),
    lift: (redis) => redis.present("valid"),
    says: "this Redis's TLS certificate has expired (CERT_HAS_EXPIRED); renew it",
  },
  {
    name: "that asks for a client certificate",
    impose: (redis) => set(redis, "tls-auth-clients", "yes"),
    lift: (redis) => set(redis, "tls-auth-clients", "no"),
    says: "this Redis asks for a client certificate, and Baton has none",
  },
  {
    name: "that asks for a certificate in TLS 1.2",
    impose: (redis) => set(redis, "tls-auth-clients", "yes", "tls-protocols", "TLSv1.2"),
    lift: (redis) => set(redis, "tls-auth-clients", "no"),
    says: "this Redis asks for a client certificate, and Baton has none",
  },
];

it.each(TLS_FAULTS)("names a Redis $name, and exits 78", async ({ impose, says }) => {
  const { redis, env } = await setupTls();
  await impose(redis);
  const { code, stderr } = await runToEnd("ingress", env);
  expect(stderr).toContain(`BATON_REDIS_URL: ${says}`);
  expect(code).toBe(78);
});

it.each(TLS_FAULTS)("names a Redis $name by readiness, until it is mended", async ({ impose, lift, says }) => {
  const { redis, env } = await setupTls();
  const { url } = await startProcess("ingress", env);
  await impose(redis);
  await redis.redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  await eventually(() => readinessOf(url), { status: 503, detail: expect.stringContaining(says) });
  await lift(redis);
  await eventually(() => readinessOf(url), { status: 200, detail: undefined });
});

it("delivers through Sentinel as the documented user, also after a failover", async () => {
  const { sentinel, url } = await setupSentinel();
  const baton = await startOn(url, { environment: { BATON_NAMESPACE: NAMESPACE } });
  await sentinel.failOver();
  await baton.deliversAgain();
  expect(await sentinel.replica.redis.call("ACL", "LOG")).toEqual([]);
});

it("names a password that the master behind Sentinel refuses, and exits 78", async () => {
  const { url } = await setupSentinel();
  const { env } = await createWorld({ BATON_REDIS_URL: url, BATON_NAMESPACE: NAMESPACE });
  const wrong = { ...env, BATON_REDIS_URL: url.replace("a-long-password", "another") };
  const { code, stderr } = await runToEnd("ingress", wrong);
  expect(stderr).toContain("this Redis refuses the user and password that are given");
  expect(code).toBe(78);
});

/** setupSentinel starts a deployment that needs a password, and gives Baton its own user. */
async function setupSentinel() {
  const sentinel = await startSentinel({ password: "the-operators-own" });
  for (const { redis } of [sentinel.master, sentinel.replica]) {
    await redis.call("ACL", ...documentedUser(NAMESPACE));
  }
  return { sentinel, url: sentinel.url.replace("//", "//baton:a-long-password@") };
}

async function readinessOf(url: string) {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, detail: ((await response.json()) as { detail?: string }).detail };
}
