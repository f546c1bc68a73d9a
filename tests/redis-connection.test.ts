/**
 * A Redis that is there, and to which no connection can be made: what is wrong is named at once, in the log and by
 * readiness.
 */
import { expect, it } from "vitest";
import { startBatonOn } from "./world/baton-on-redis.ts";
import { startMasters } from "./world/cluster.ts";
import { type App, type RunningProcess, runToEnd, startProcess } from "./world/process.ts";
import { eventually, type RedisServer, startRedisServer } from "./world/redis-server.ts";
import { startSentinel } from "./world/sentinel.ts";
import { startTlsRedis, type TlsRedis } from "./world/tls-redis.ts";
import { createWorld } from "./world/world.ts";

const APPS = ["ingress", "worker", "admin"] as const;
/**
 * A process that starts looks for the fault for a second. Where the machine stands still for so long, it takes Redis
 * for slow, and waits for it.
 */
const STALLED = { retry: 2 } as const;

async function endOn(app: App, { url }: RedisServer, wrong: { readonly url: string; readonly trusts?: string }) {
  const { env } = await createWorld({ BATON_REDIS_URL: url });
  const { code, stderr } = await runToEnd(app, {
    ...env,
    BATON_REDIS_URL: wrong.url,
    ...(wrong.trusts === undefined ? {} : { NODE_EXTRA_CA_CERTS: wrong.trusts }),
  });
  return { code, stderr };
}

it.each(APPS)("%s names a certificate that is not trusted and how to trust it, and exits 78", STALLED, async (app) => {
  const redis = await startTlsRedis();
  const { code, stderr } = await endOn(app, redis, { url: redis.tlsUrl });
  expect(code).toBe(78);
  expect(stderr).toContain("TLS certificate is not trusted (DEPTH_ZERO_SELF_SIGNED_CERT)");
  expect(stderr).toContain("NODE_EXTRA_CA_CERTS");
});

it("delivers over a certificate that NODE_EXTRA_CA_CERTS names", async () => {
  const redis = await startTlsRedis();
  const baton = await startBatonOn(redis.url);
  const env = { ...baton.env, BATON_REDIS_URL: redis.tlsUrl, NODE_EXTRA_CA_CERTS: redis.certificate };
  await baton.worker.stop();
  await startProcess("worker", env);
  await baton.deliversAgain();
});

it.each<{ name: string; wrong: (redis: TlsRedis) => { url: string; trusts?: string }; says: string }>([
  {
    name: "speaks TLS behind redis://",
    wrong: ({ tlsPort }) => ({ url: `redis://localhost:${tlsPort}` }),
    says: "write rediss:// in place of redis://",
  },
  {
    name: "speaks no TLS behind rediss://",
    wrong: ({ port }) => ({ url: `rediss://localhost:${port}` }),
    says: "this Redis speaks no TLS on that port",
  },
  {
    name: "has a certificate of another name",
    wrong: ({ tlsPort, certificate }) => ({ url: `rediss://127.0.0.1:${tlsPort}`, trusts: certificate }),
    says: "is made out to another name (ERR_TLS_CERT_ALTNAME_INVALID)",
  },
  {
    name: "speaks TLS as a cluster, without ?tls",
    wrong: ({ tlsPort }) => ({ url: `redis+cluster://localhost:${tlsPort}` }),
    says: "add ?tls at the end",
  },
])("names a Redis that $name, and exits 78", STALLED, async ({ wrong, says }) => {
  const redis = await startTlsRedis();
  const { code, stderr } = await endOn("ingress", redis, wrong(redis));
  expect(code).toBe(78);
  expect(stderr).toContain(says);
});

it.each([
  { scheme: "redis+cluster", path: "", says: "this Redis is no cluster; write redis://" },
  { scheme: "redis+sentinel", path: "/main", says: "no sentinel answers there, but a Redis" },
])("names a Redis that is none of what $scheme stands for, and exits 78", STALLED, async ({ scheme, path, says }) => {
  const redis = await startRedisServer();
  const { code, stderr } = await endOn("worker", redis, { url: `${redis.url.replace("redis:", `${scheme}:`)}${path}` });
  expect(code).toBe(78);
  expect(stderr).toContain(says);
});

it("names sentinels that know no master of the address's name, and exits 78", STALLED, async () => {
  const sentinel = await startSentinel();
  const { code, stderr } = await endOn("worker", sentinel.master, { url: sentinel.url.replace(/[^/]+$/, "another") });
  expect(code).toBe(78);
  expect(stderr).toContain("these sentinels know no master of the name at the end of the address");
});

it("names a node of a cluster behind redis://, whichever it is, and exits 78", STALLED, async () => {
  const { nodes } = await startMasters();
  for (const node of nodes) {
    const { code, stderr } = await endOn("ingress", node, { url: node.url });
    expect(code).toBe(78);
    expect(stderr).toContain("this Redis is one of 3 masters of a cluster; write redis+cluster://");
  }
});

it("names a Redis that speaks TLS since it was restarted, in the log and by readiness, and is ready again once it does not", async () => {
  const redis = await startTlsRedis();
  const { env } = await createWorld({ BATON_REDIS_URL: redis.url });
  const ingress = await startProcess("ingress", env);
  await redis.redis.config("SET", "tls-port", "0");
  await redis.redis.config("SET", "port", "0");
  await redis.redis.config("SET", "tls-port", redis.port);
  await redis.redis.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  await eventually(() => detailOf(ingress), expect.stringContaining("this Redis speaks TLS, and nothing else"));
  await eventually(
    () => saying(ingress, "not ready").some(({ level, reason }) => level === "error" && reason === "settings"),
    true,
  );
  await redis.redis.config("SET", "tls-port", "0");
  await redis.redis.config("SET", "port", redis.port);
  await eventually(() => detailOf(ingress), undefined);
  await eventually(() => saying(ingress, "ready again").length, 1);
});

it("names a password that is refused, once, where a process was started before its Redis", async () => {
  const redis = await startRedisServer();
  const { env } = await createWorld({ BATON_REDIS_URL: redis.url });
  await redis.redis.config("SET", "port", "0");
  const ingress = await startProcess("ingress", { ...env, BATON_REDIS_URL: redis.url.replace("//", "//:wrong@") });
  await redis.redis.config("SET", "requirepass", "secret");
  await redis.redis.config("SET", "port", redis.port);
  await eventually(() => detailOf(ingress), expect.stringContaining("refuses the user and password"));
  await eventually(() => saying(ingress, "not ready").filter(({ reason }) => reason === "settings").length, 1);
});

it.each(APPS)(
  "%s writes one line when Redis goes and one when it is back, and says what readiness is off for",
  async (app) => {
    const redis = await startRedisServer();
    const { env } = await createWorld({ BATON_REDIS_URL: redis.url });
    const running = await startProcess(app, env);
    await redis.kill();
    await eventually(() => detailOf(running), expect.stringMatching(/^Redis does not answer/));
    await eventually(() => saying(running, "not ready").length, 1);
    await redis.start();
    await eventually(() => detailOf(running), undefined);
    await eventually(() => saying(running, "ready again").length, 1);
    expect(running.lines.filter(({ level }) => level !== "info")).toEqual([
      expect.objectContaining({
        msg: "not ready",
        level: "warn",
        reason: "redis",
        detail: expect.stringMatching(/^Redis does not answer/),
      }),
    ]);
  },
);

/** detailOf asks readiness; undefined where it is on. */
async function detailOf({ url }: RunningProcess): Promise<string | undefined> {
  return ((await (await fetch(`${url}/readyz`)).json()) as { detail?: string }).detail;
}

function saying({ lines }: RunningProcess, msg: string) {
  return lines.filter((line) => line.msg === msg);
}
