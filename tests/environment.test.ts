/** Every process checks all variables, also those that it has no use for. */
import { readAdminConfig } from "@baton/admin";
import { readIngressConfig } from "@baton/ingress";
import { ConfigurationFault } from "@baton/runtime";
import { readWorkerConfig } from "@baton/worker";
import { expect, it } from "vitest";

const READERS = { ingress: readIngressConfig, worker: readWorkerConfig, admin: readAdminConfig };

const WRONG = {
  BATON_REDIS_URL: "http://localhost",
  BATON_NAMESPACE: "{}",
  BATON_ADMIN_KEY: "short",
  BATON_KEYRING: "none",
  BATON_INGRESS_PORT: "70000",
  BATON_ADMIN_PORT: "-1",
  BATON_WORKER_PORT: "x",
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
  OTEL_EXPORTER_OTLP_ENDPOINT: "localhost",
};

it.each(Object.keys(READERS) as (keyof typeof READERS)[])("%s tells every fault of the environment together", (name) => {
  const faults = faultsOf(() => READERS[name](WRONG));
  expect(faults.map((fault) => /^[A-Z_]+/.exec(fault)?.[0]).toSorted()).toEqual(Object.keys(WRONG).toSorted());
});

function faultsOf(read: () => unknown): readonly string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof ConfigurationFault) return error.faults;
  }
  return [];
}
