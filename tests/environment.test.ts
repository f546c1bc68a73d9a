/** Every process checks all variables, also those that it has no use for; each may stand in a file. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAdminConfig } from "@baton/admin";
import { readIngressConfig } from "@baton/ingress";
import { ConfigurationFault, type variables } from "@baton/runtime";
import { readWorkerConfig } from "@baton/worker";
import { expect, it, onTestFinished } from "vitest";
import { type App, runToEnd, startProcess } from "./world/process.ts";
import { createWorld } from "./world/world.ts";

const READERS = { ingress: readIngressConfig, worker: readWorkerConfig, admin: readAdminConfig };

const WRONG = {
  BATON_REDIS_URL: "http://localhost",
  BATON_NAMESPACE: "{}",
  BATON_ADMIN_KEY: "short",
  BATON_KEYRING: "none",
  BATON_INGRESS_PORT: "70000",
  BATON_ADMIN_PORT: "-1",
  BATON_WORKER_PORT: "x",
  BATON_SIMULATOR_PORT: "65536",
  BATON_HOST: "[::1]",
  BATON_TRUSTED_PROXIES: "nowhere",
  BATON_CORS_ORIGINS: "https://a.example/path",
  BATON_WORKER_CONCURRENCY: "0",
  BATON_SHARDS: "2000",
  BATON_DURABILITY: "some",
  BATON_MAX_PENDING: "0",
  BATON_RETENTION_ENDED: "1",
  BATON_RETENTION_DEAD: "1 day",
  BATON_RETENTION_AUDIT: "0d",
  BATON_ALLOWED_HOSTS: "http://*",
  BATON_EGRESS_PROXY: "https://proxy",
  BATON_LOG_LEVEL: "loud",
  BATON_DRAIN_MS: "-1",
  BATON_SHUTDOWN_MS: "0",
  BATON_INGRESS_URL: "localhost",
  BATON_ADMIN_URL: "ftp://localhost",
  BATON_TOKEN: "foo",
  OTEL_EXPORTER_OTLP_ENDPOINT: "localhost",
  OTEL_TRACES_SAMPLER_ARG: "10%",
  BATON_WORKER_CONCURENCY: "256",
};

/** A good value for each variable, and none that is its default. */
const GOOD: Readonly<Record<keyof typeof variables, string>> = {
  BATON_REDIS_URL: "redis+sentinel://u:p@a:1,b:2/main?tls",
  BATON_NAMESPACE: "staging",
  BATON_ADMIN_KEY: "ba_0123456789-0123456789-0123456789",
  BATON_KEYRING: `k1:${Buffer.alloc(32, 7).toString("base64")}`,
  BATON_INGRESS_PORT: "1",
  BATON_ADMIN_PORT: "2",
  BATON_WORKER_PORT: "3",
  BATON_SIMULATOR_PORT: "4",
  BATON_HOST: "::1",
  BATON_TRUSTED_PROXIES: "10.0.0.0/8",
  BATON_CORS_ORIGINS: "https://desk.example.com",
  BATON_WORKER_CONCURRENCY: "5",
  BATON_SHARDS: "6",
  BATON_DURABILITY: "replicated",
  BATON_MAX_PENDING: "7",
  BATON_RETENTION_ENDED: "8h",
  BATON_RETENTION_DEAD: "9d",
  BATON_RETENTION_AUDIT: "10d",
  BATON_ALLOWED_HOSTS: "http://127.0.0.1:*",
  BATON_EGRESS_PROXY: "http://u:p@proxy:3128",
  BATON_LOG_LEVEL: "warn",
  BATON_DRAIN_MS: "11",
  BATON_SHUTDOWN_MS: "12",
  OTEL_EXPORTER_OTLP_ENDPOINT: "http://collector:4318",
  OTEL_TRACES_SAMPLER_ARG: "0.1",
  BATON_INGRESS_URL: "https://ingress.example.com",
  BATON_ADMIN_URL: "https://admin.example.com",
  BATON_TOKEN: "bt_token",
};

it.each(Object.keys(READERS) as (keyof typeof READERS)[])(
  "%s lists every fault of the environment together",
  (name) => {
    const faults = faultsOf(() => READERS[name](WRONG));
    expect(faults.map((fault) => /^[A-Z_]+/.exec(fault)?.[0]).toSorted()).toEqual(Object.keys(WRONG).toSorted());
  },
);

it.each(Object.keys(READERS) as (keyof typeof READERS)[])(
  "%s reads each variable from a file as it does from the environment",
  (name) => {
    const folder = mkdtempSync(join(tmpdir(), "baton-environment-"));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const files = Object.entries(GOOD).map(([variable, value]) => {
      writeFileSync(join(folder, variable), `${value}\n`);
      return [`${variable}_FILE`, join(folder, variable)];
    });
    const read = READERS[name](GOOD);
    expect(Object.keys(read).toSorted()).toEqual(Object.keys(GOOD).toSorted());
    // Keys and hosts become objects that no two readings share: they are compared as they are printed.
    expect(JSON.stringify(READERS[name](Object.fromEntries(files)))).toBe(JSON.stringify(read));
  },
);

const PORTS = { ingress: "BATON_INGRESS_PORT", worker: "BATON_WORKER_PORT", admin: "BATON_ADMIN_PORT" };

it.each(Object.entries(PORTS) as [App, string][])(
  "%s names %s when its port is in use, once, and exits 78",
  async (app, variable) => {
    const { env, redisUrl } = await createWorld();
    const taken = new URL(redisUrl).port;
    const { code, stdout, stderr } = await runToEnd(app, { ...env, [variable]: taken });
    expect(code).toBe(78);
    expect(JSON.parse(stderr)).toMatchObject({
      name: app,
      faults: [expect.stringMatching(`^${variable}: port ${taken} of .* is in use`)],
    });
    expect(stdout).not.toContain("in use");
  },
);

it.each(["ingress", "worker", "admin"] as const)(
  "%s does not start with fewer shards than there were before: it exits 78 and says how many",
  async (app) => {
    const { env } = await createWorld();
    await (await startProcess("admin", { ...env, BATON_SHARDS: "3" })).stop();
    const { code, stderr } = await runToEnd(app, { ...env, BATON_SHARDS: "2" });
    expect(code).toBe(78);
    expect(stderr).toContain("BATON_SHARDS: 3 shards are in use, and their number may only rise; give 3 or more");
    await startProcess(app, { ...env, BATON_SHARDS: "4" });
  },
);

it("starts beside services that Kubernetes named after it", async () => {
  const { env } = await createWorld();
  const links = {
    BATON_WORKER_SERVICE_HOST: "10.0.0.1",
    BATON_WORKER_SERVICE_PORT_HTTP: "8082",
    BATON_INGRESS_PORT: "tcp://10.0.0.1:8080",
  };
  const { url } = await startProcess("worker", { ...env, ...links });
  expect((await fetch(`${url}/readyz`)).status).toBe(200);
});

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigurationFault) return error.faults;
  }
  return [];
}
