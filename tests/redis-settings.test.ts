/** Redis's own settings: one that would drop handoffs is refused, one that would forget them is warned about. */
import { expect, it } from "vitest";
import { startBatonOn } from "./world/baton-on-redis.ts";
import { runToEnd, startProcess } from "./world/process.ts";
import { eventually, startRedisServer } from "./world/redis-server.ts";
import { createWorld } from "./world/world.ts";

const APPS = ["ingress", "worker", "admin"] as const;

it.each(APPS)("%s does not start on a Redis that evicts: it exits 78 and names the remedy", async (app) => {
  const redis = await startRedisServer(["--maxmemory-policy", "allkeys-lru"]);
  const { env } = await createWorld({ BATON_REDIS_URL: redis.url });
  const { code, stdout, stderr } = await runToEnd(app, env);
  expect(code).toBe(78);
  // Once: on stderr, and not in the log besides.
  expect(stderr.split("allkeys-lru")).toHaveLength(2);
  expect(stdout).not.toContain("allkeys-lru");
  expect(stderr).toContain("its maxmemory-policy is allkeys-lru, and Baton needs noeviction");
  expect(stderr).toContain("redis-cli CONFIG SET maxmemory-policy noeviction");
});

it.each(APPS)("%s warns about a Redis without an append-only file, and starts", async (app) => {
  const redis = await startRedisServer(["--appendonly", "no"]);
  const { env } = await createWorld({ BATON_REDIS_URL: redis.url });
  const { lines } = await startProcess(app, env);
  expect(lines).toContainEqual(
    expect.objectContaining({ level: "warn", msg: expect.stringContaining("no append-only file") }),
  );
});

it.each([
  { name: "without the password", login: "", message: "asks for a password" },
  { name: "with a wrong password", login: ":wrong@", message: "refuses the user and password" },
])("does not start $name that its Redis asks for: it exits 78", async ({ login, message }) => {
  const redis = await startRedisServer();
  const { env } = await createWorld({ BATON_REDIS_URL: redis.url });
  await redis.redis.config("SET", "requirepass", "secret");
  const { code, stdout, stderr } = await runToEnd("worker", {
    ...env,
    BATON_REDIS_URL: redis.url.replace("//", `//${login}`),
  });
  expect(code).toBe(78);
  expect(stderr.split(message)).toHaveLength(2);
  expect(stdout).not.toContain(message);
});

it.each(APPS)("%s does not start on a database that its Redis does not have, and writes to no other", async (app) => {
  const redis = await startRedisServer(["--databases", "2"]);
  const { env } = await createWorld({ BATON_REDIS_URL: redis.url });
  const { code, stderr } = await runToEnd(app, { ...env, BATON_REDIS_URL: `${redis.url}/2` });
  expect(code).toBe(78);
  expect(stderr).toContain(
    "this Redis does not take the database that the address names (ERR DB index is out of range)",
  );
  expect(await redis.redis.dbsize()).toBe(0);
});

it("a process is not ready while its Redis evicts, and says why", async () => {
  const redis = await startRedisServer();
  const { ingress, worker } = await startBatonOn(redis.url);
  const readiness = async (url: string) => {
    const response = await fetch(`${url}/readyz`);
    return { status: response.status, detail: ((await response.json()) as { detail?: string }).detail };
  };
  await redis.redis.config("SET", "maxmemory-policy", "volatile-ttl");
  for (const { url } of [ingress, worker]) {
    await eventually(() => readiness(url), {
      status: 503,
      detail: expect.stringContaining("its maxmemory-policy is volatile-ttl"),
    });
  }
  await redis.redis.config("SET", "maxmemory-policy", "noeviction");
  for (const { url } of [ingress, worker]) await eventually(() => readiness(url), { status: 200, detail: undefined });
});

it("a process that starts before its Redis is not ready when that Redis turns out to evict", async () => {
  const redis = await startRedisServer(["--maxmemory-policy", "allkeys-random"]);
  const { env } = await createWorld({ BATON_REDIS_URL: redis.url });
  await redis.kill();
  const { url, lines } = await startProcess("ingress", env);
  await redis.start();
  await eventually(
    () =>
      lines.some(
        ({ level, detail }) => level === "error" && String(detail).includes("maxmemory-policy is allkeys-random"),
      ),
    true,
  );
  expect((await fetch(`${url}/readyz`)).status).toBe(503);
});
