/**
 * A Redis whose certificate has expired or that asks for a client certificate is named at start and by readiness; and
 * behind Sentinel or in a cluster Baton logs in as a user of its own, also over TLS.
 */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { trustCertificates } from "../packages/cxone/testing/certificate.ts";
import { startBatonOn } from "./world/baton-on-redis.ts";
import { startCluster } from "./world/cluster.ts";
import { documentedUser } from "./world/documented-user.ts";
import { runToEnd, startProcess } from "./world/process.ts";
import { eventually } from "./world/redis-server.ts";
import { startSentinel } from "./world/sentinel.ts";
import { type Certificates, startTlsRedis, type TlsRedis, writeCertificates } from "./world/tls-redis.ts";
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

it.each(TLS_FAULTS)("names a Redis $name by readiness, until it is repaired", async ({ impose, lift, says }) => {
  const { redis, env } = await setupTls();
  const { url } = await startProcess("ingress", env);
  await impose(redis);
  await redis.redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  await eventually(() => judgeRedisReadiness(url), { status: 503, detail: expect.stringContaining(says) });
  await lift(redis);
  await eventually(() => judgeRedisReadiness(url), { status: 200, detail: undefined });
});

it.each([
  { name: "without TLS", hasTls: false },
  { name: "with TLS", hasTls: true },
])("delivers through Sentinel $name as the documented user, also after a failover", async ({ hasTls }) => {
  const { sentinel, url, environment } = await setupSentinel(hasTls ? writeCertificates() : undefined);
  const baton = await startBatonOn(url, { environment: { ...environment, BATON_NAMESPACE: NAMESPACE } });
  await sentinel.failOver();
  await baton.deliversAgain();
  expect(await sentinel.replica.redis.call("ACL", "LOG")).toEqual([]);
});

it("delivers through a cluster with TLS as the documented user, also after a failover", async () => {
  const certificates = writeCertificates();
  trustCertificates(readFileSync(certificates.authority, "utf8"));
  const cluster = await startCluster(certificates);
  const pairs = await cluster.pairs();
  for (const { redis } of pairs.flatMap(({ master, replica }) => [master, replica])) {
    await redis.call("ACL", ...documentedUser(NAMESPACE));
  }
  const url = cluster.url.replace("//", "//baton:a-long-password@");
  const environment = { NODE_EXTRA_CA_CERTS: certificates.authority, BATON_NAMESPACE: NAMESPACE };
  const baton = await startBatonOn(url, { environment });
  for (const { replica } of pairs) await cluster.failOver(replica);
  await baton.deliversAgain();
  for (const { replica } of pairs) expect(await replica.redis.call("ACL", "LOG")).toEqual([]);
});

it("names a password that the master behind Sentinel refuses, and exits 78", async () => {
  const { url } = await setupSentinel();
  const { env } = await createWorld({ BATON_REDIS_URL: url, BATON_NAMESPACE: NAMESPACE });
  const wrong = { ...env, BATON_REDIS_URL: url.replace("a-long-password", "another") };
  const { code, stderr } = await runToEnd("ingress", wrong);
  expect(stderr).toContain("this Redis refuses the user and password that are given");
  expect(code).toBe(78);
});

it.each([
  {
    fault: "sentinels that speak TLS",
    hasTls: true,
    change: (url: string) => url.replace("?tls", ""),
    says: "these sentinels speak TLS, and nothing else; add ?tls at the end",
  },
  {
    fault: "sentinels that speak no TLS",
    hasTls: false,
    change: (url: string) => `${url}?tls`,
    says: "these sentinels speak no TLS on that port; name their TLS ports, or leave ?tls out",
  },
])("names $fault, and exits 78", async ({ hasTls, change, says }) => {
  const { url, environment } = await setupSentinel(hasTls ? writeCertificates() : undefined);
  const { env } = await createWorld({ BATON_REDIS_URL: url, BATON_NAMESPACE: NAMESPACE });
  const { code, stderr } = await runToEnd("ingress", { ...env, ...environment, BATON_REDIS_URL: change(url) });
  expect(stderr).toContain(`BATON_REDIS_URL: ${says}`);
  expect(code).toBe(78);
});

/** setupSentinel starts a deployment that needs a password, and gives Baton its own user. */
async function setupSentinel(certificates?: Certificates) {
  const sentinel = await startSentinel({ password: "the-operators-own", ...(certificates && { certificates }) });
  // The test looks into Redis by the same address as Baton does.
  if (certificates) trustCertificates(readFileSync(certificates.authority, "utf8"));
  for (const { redis } of [sentinel.master, sentinel.replica]) {
    await redis.call("ACL", ...documentedUser(NAMESPACE));
  }
  return {
    sentinel,
    url: sentinel.url.replace("//", "//baton:a-long-password@"),
    environment: certificates ? { NODE_EXTRA_CA_CERTS: certificates.authority } : {},
  };
}

async function judgeRedisReadiness(url: string) {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, detail: ((await response.json()) as { detail?: string }).detail };
}
