import { ConfigurationFault } from "@baton/runtime";
import { expect, it } from "vitest";
import { readAdminConfig } from "./admin-config.ts";

const KEYRING = `k1:${Buffer.alloc(32, 7).toString("base64")}`;
const GOOD = {
  BATON_REDIS_URL: "redis://127.0.0.1:6379",
  BATON_KEYRING: KEYRING,
  BATON_ADMIN_KEY: "ba_0123456789-0123456789-0123456789",
};

function faultsOf(env: NodeJS.ProcessEnv): readonly string[] {
  try {
    readAdminConfig(env);
  } catch (error) {
    if (error instanceof ConfigurationFault) return error.faults;
  }
  return [];
}

it("reads addresses, keys and hosts into what they mean", () => {
  const config = readAdminConfig({ ...GOOD, BATON_ALLOWED_HOSTS: "http://127.0.0.1:*, api.example.com" });
  expect(config.BATON_REDIS_URL).toMatchObject({ kind: "single", node: { host: "127.0.0.1", port: 6379 } });
  expect(config.BATON_KEYRING.newest.id).toBe("k1");
  expect(config.BATON_ALLOWED_HOSTS.check("http://127.0.0.1:8090")).toEqual({ ok: true });
  expect(config.BATON_ALLOWED_HOSTS.check("https://api-na1.niceincontact.com")).toEqual({ ok: true });
  expect(config).toMatchObject({ BATON_ADMIN_PORT: 8081, BATON_HOST: "127.0.0.1", BATON_MAX_PENDING: 10_000 });
  expect(readAdminConfig(GOOD).BATON_ALLOWED_HOSTS.check("http://127.0.0.1:8090").ok).toBe(false);
});

it("lists everything that is missing at once", () => {
  const faults = faultsOf({});
  expect(faults).toHaveLength(3);
  for (const name of ["BATON_REDIS_URL", "BATON_KEYRING", "BATON_ADMIN_KEY"])
    expect(faults.join("\n")).toContain(`${name} is required`);
});

it("lists everything that is wrong at once, and repeats no secret", () => {
  const faults = faultsOf({
    BATON_REDIS_URL: "redis://:planted/word@host:6379",
    BATON_KEYRING: "planted",
    BATON_ADMIN_KEY: "ba_planted",
    BATON_ALLOWED_HOSTS: "http://*",
    BATON_ADMIN_PORT: "99999",
    BATON_MAX_PENDING: "0",
  });
  const names = [
    "BATON_REDIS_URL",
    "BATON_KEYRING",
    "BATON_ADMIN_KEY",
    "BATON_ALLOWED_HOSTS",
    "BATON_ADMIN_PORT",
    "BATON_MAX_PENDING",
  ];
  expect(faults.map((fault) => fault.split(":")[0]).sort()).toEqual(names.sort());
  expect(faults.join("\n")).not.toContain("planted");
});
