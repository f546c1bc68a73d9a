/** Names are looked up so that one which hangs holds up no other, and as the machine's files say. */
import dns, { type LookupAddress } from "node:dns";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCxOneHttpClient } from "@baton/cxone";
import { openRedis, parseRedisUrl } from "@baton/redis/connection";
import { createCachedDnsLookup, type DnsLookupOptions, replaceNodeDnsLookup } from "@baton/runtime";
import { expect, inject, it, onTestFinished, vi } from "vitest";
import { startNameServer } from "./world/name-server.ts";

const HERE = { address: "127.0.0.1" };
const HANGING = Array.from({ length: 8 }, (_, n) => `hanging-${n}.test`);

it("a name server that is silent about some names holds up no other connector, and no Redis", async () => {
  const { server } = await startNameServer({
    "cxone.test": HERE,
    "redis.test": { address: redisAddress() },
    ...Object.fromEntries(HANGING.map((name) => [name, "silent" as const])),
  });
  use({ servers: [server] });
  const http = createCxOneHttpClient();
  onTestFinished(() => http.close());
  const port = await serveHttp();
  const send = (host: string) =>
    http.send({ method: "POST", url: `http://${host}:${port}/`, headers: {}, timeLimitMs: 2_000 });

  let ended = 0;
  const hanging = Promise.all(HANGING.map((name) => send(name).finally(() => ended++)));
  for (let n = 0; n < 3; n += 1) expect(await send("cxone.test")).toMatchObject({ kind: "answered", status: 200 });
  expect(await redisByName("redis.test").ping()).toBe("PONG");
  expect(ended).toBe(0);
  for (const reply of await hanging) expect(reply).toEqual({ kind: "unsent", detail: "no connection in time" });
});

it("a name whose server does not answer fails after three seconds, as a name that was not resolved", async () => {
  const { server } = await startNameServer({ "hanging.test": "silent" });
  use({ servers: [server] });
  const http = createCxOneHttpClient();
  onTestFinished(() => http.close());
  expect(
    await http.send({ method: "GET", url: "http://hanging.test/", headers: {}, timeLimitMs: 60_000 }),
  ).toMatchObject({
    kind: "unsent",
    detail: expect.stringMatching(/^the name was not resolved \(ETIME/),
  });
});

it("many who ask for a name ask its name server once, and again when its time to live is over", async () => {
  const { server, asked } = await startNameServer({ "cxone.test": { ...HERE, ttl: 1 } });
  const resolve = lookupWith({ servers: [server] });
  expect(await Promise.all(Array.from({ length: 20 }, () => resolve("cxone.test")))).toEqual(
    Array(20).fill([{ ...HERE, family: 4 }]),
  );
  expect(await resolve("CXone.test")).toEqual([{ ...HERE, family: 4 }]);
  expect(asked.toSorted()).toEqual(["A cxone.test", "AAAA cxone.test"]);
  await vi.waitFor(
    async () => {
      await resolve("cxone.test");
      expect(asked).toHaveLength(4);
    },
    { timeout: 30_000, interval: 100 },
  );
});

it("a name server that is silent about IPv6 only costs the IPv6 addresses", async () => {
  const { server } = await startNameServer({ "cxone.test": { ...HERE, ipv6: "silent" } });
  expect(await lookupWith({ servers: [server] })("cxone.test")).toEqual([{ ...HERE, family: 4 }]);
});

it("the hosts file comes first, and localhost needs none", async () => {
  const { server, asked } = await startNameServer({ "cxone.test": { address: "127.0.0.9" } });
  const hostsFile = file("127.0.0.2 other # cxone.test\n127.0.0.3\tcxone.test  CXONE\n::3 cxone.test\n");
  const resolve = lookupWith({ servers: [server], hostsFile });
  const listed = [
    { address: "127.0.0.3", family: 4 },
    { address: "::3", family: 6 },
  ];
  expect(await resolve("cxone.test")).toEqual(listed);
  expect(await resolve("cxone")).toEqual(listed.slice(0, 1));
  expect(await resolve("cxone.test", 6)).toEqual(listed.slice(1));
  expect(await resolve("localhost")).toContainEqual({ address: "127.0.0.1", family: 4 });
  expect(await resolve("127.0.0.5")).toEqual([{ address: "127.0.0.5", family: 4 }]);
  expect(asked).toEqual([]);
});

it("a short name is asked for in its search domains first, so that it does not lead out of a cluster", async () => {
  const { server, asked } = await startNameServer({
    "redis.app.team.test": HERE,
    "redis.app": { address: "127.0.0.66" },
    "a.b.c.d": HERE,
  });
  const resolvConf = file("# a cluster's\nsearch svc.test team.test\noptions timeout:1 ndots:3\n");
  const resolve = lookupWith({ servers: [server], resolvConf });
  expect(await resolve("redis.app")).toEqual([{ ...HERE, family: 4 }]);
  expect(asked.filter((question) => question.startsWith("A "))).toEqual([
    "A redis.app.svc.test",
    "A redis.app.team.test",
  ]);
  expect(await resolve("a.b.c.d")).toEqual([{ ...HERE, family: 4 }]);
  expect(asked.filter((question) => question.startsWith("A "))).toHaveLength(3);
});

it("a name that does not exist gives Node's own error", async () => {
  const { server } = await startNameServer({});
  await expect(lookupWith({ servers: [server] })("nowhere.invalid")).rejects.toMatchObject({
    message: expect.stringMatching(/^getaddrinfo E\w+ nowhere\.invalid$/),
    syscall: "getaddrinfo",
    hostname: "nowhere.invalid",
  });
});

/** use makes a look-up this process's own for one test. */
function use(options: DnsLookupOptions): void {
  const before = dns.lookup;
  onTestFinished(() => {
    dns.lookup = before;
  });
  replaceNodeDnsLookup(createCachedDnsLookup({ hostsFile: file(""), resolvConf: file(""), ...options }));
}

function lookupWith(options: DnsLookupOptions) {
  const lookup = createCachedDnsLookup({ hostsFile: file(""), resolvConf: file(""), ...options });
  return (name: string, family = 0) =>
    new Promise<LookupAddress[]>((resolve, reject) =>
      lookup(name, { all: true, family }, (error, addresses) => (error ? reject(error) : resolve(addresses))),
    );
}

function file(text: string): string {
  const folder = mkdtempSync(join(tmpdir(), "baton-names-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "file"), text);
  return join(folder, "file");
}

async function serveHttp(): Promise<number> {
  const server = createServer((_, response) => response.end());
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return (server.address() as AddressInfo).port;
}

function redisByName(host: string) {
  const redis = openRedis({ ...redisTarget(), node: { ...redisTarget().node, host } }, "events");
  onTestFinished(() => redis.disconnect());
  return redis;
}

function redisAddress(): string {
  const { host } = redisTarget().node;
  return host === "localhost" ? HERE.address : host;
}

function redisTarget() {
  const target = parseRedisUrl(inject("redisUrl"));
  if (target.kind !== "single") throw new Error("the tests run on one Redis");
  return target;
}
