/** `baton doctor` as an operator runs it: a process of its own, against real processes and Redis. */
import { createBatonClient } from "@baton/api";
import { generateKeyringEntry } from "@baton/vault";
import { expect, it } from "vitest";
import { runBaton } from "../apps/cli/testing/run-baton.ts";
import { startCluster, startMasters } from "./world/cluster.ts";
import { startRedisServer } from "./world/redis-server.ts";
import { startSentinel } from "./world/sentinel.ts";
import { createWorld, ended } from "./world/world.ts";

interface Check {
  readonly section: string;
  readonly what: string;
  readonly state: "good" | "bad" | "unseen";
  readonly detail: string;
  readonly remedy?: string;
}

type Named = Pick<Check, "section" | "what">;

/** Runs the doctor with `env` and nothing else of Baton's. */
async function examine(env: Readonly<Record<string, string>>) {
  const { code, stdout, stderr } = await runBaton(["doctor", "--json"], { env });
  const { ok, sections, rootCauses } = JSON.parse(stdout);
  const checks: Check[] = sections.flatMap((section: { name: string; checks: Omit<Check, "section">[] }) =>
    section.checks.map((check) => ({ section: section.name, ...check })),
  );
  return {
    code,
    ok,
    stdout,
    stderr,
    names: sections.map((section: { name: string }) => section.name),
    checks,
    /** Each cause with what follows from it, as section and what. */
    causes: rootCauses.map(({ follows, ...cause }: Named & { follows: Named[] }) =>
      [cause, ...follows].map(({ section, what }) => `${section}: ${what}`),
    ),
    bad: checks.filter(({ state }) => state === "bad"),
    of: (section: string) => checks.filter((check) => check.section === section),
  };
}

/** A Baton on a Redis of its own, that is as Baton asks for it. */
async function setup(environment: Readonly<Record<string, string>> = {}) {
  const server = await startRedisServer();
  const world = await createWorld({ BATON_REDIS_URL: server.url, ...environment });
  const { token, connector } = await world.createConnector();
  const ingress = await world.startIngress();
  const admin = await world.startAdmin();
  const operator = { BATON_ADMIN_URL: admin.url, BATON_ADMIN_KEY: admin.key };
  const { BATON_REDIS_URL, BATON_NAMESPACE, BATON_KEYRING } = world.env;
  return {
    ...world,
    server,
    connector,
    operator,
    all: { ...operator, BATON_INGRESS_URL: ingress.url, BATON_REDIS_URL, BATON_NAMESPACE, BATON_KEYRING },
    client: createBatonClient({ adminUrl: admin.url, adminKey: admin.key, ingressUrl: ingress.url, token }),
  };
}

const SECTIONS = ["configuration", "processes", "redis", "clock", "registry", "keyring", "work", "connectors"];

it("finds nothing wrong where nothing is, and exits 0; from an operator's machine it says what it did not see", async () => {
  const { all, operator, startWorker, connector, client } = await setup();
  await startWorker();
  await expect.poll(async () => (await client.overview()).workers, { timeout: 10_000 }).toBe(1);
  const whole = await examine(all);
  expect(whole).toMatchObject({ code: 0, ok: true, names: SECTIONS, bad: [], stderr: "" });
  const seen = whole.checks.filter(({ state }) => state === "good").map(({ section }) => section);
  expect(new Set(seen)).toEqual(new Set(SECTIONS));
  expect(whole.of("connectors")).toMatchObject([{ what: `test (${connector.id})`, state: "good" }]);

  const far = await examine(operator);
  expect(far).toMatchObject({ code: 0, names: SECTIONS, bad: [] });
  for (const section of ["redis", "clock", "registry", "keyring"])
    expect(far.of(section).map(({ state }) => state)).toEqual(["unseen"]);
  expect(far.of("work")).toMatchObject([{ state: "good" }, { state: "good" }]);

  const table = await runBaton(["doctor"], { env: all });
  expect(table.code).toBe(0);
  expect(table.stdout).toMatch(/^connectors +good +test +discovery/m);
  expect(table.stdout).toMatch(/\nNothing is wrong; 1 could not be looked at from here\.\n$/);
});

it("finds what is stuck, and a connector that CXone refuses, each with a remedy", async () => {
  const { all, client, connector, startWorker, simulator, createConnector, logLines } = await setup();
  const worker = await startWorker();
  simulator.answer({ on: "signal", status: 400, body: { message: "planted-echo" }, times: 1 });
  const { id } = await client.send({ contactId: "100000000001", params: { p1: "planted-parameter" } });
  expect(await ended(client, id)).toMatchObject({ reason: "rejected" });
  await worker.life.close();
  const other = await createConnector({ credentials: { clientSecret: "planted-secret" } });
  await client.pauseConnector(other.connector.id);
  await client.pause();
  simulator.answer({ on: "token", status: 401, body: { error: "invalid_client" } });
  await expect.poll(async () => (await client.overview()).workers, { timeout: 15_000 }).toBe(0);

  const found = await examine(all);
  expect([found.code, found.ok]).toEqual([1, false]);
  expect(found.bad).toMatchObject([
    { section: "work", what: "workers", remedy: expect.stringContaining("baton worker") },
    {
      section: "work",
      what: "pause",
      detail: expect.stringMatching(/paused since 20\S+Z \(.*\) by BATON_ADMIN_KEY/),
      remedy: expect.stringContaining("resume --all"),
    },
    {
      section: "work",
      what: `test (${other.connector.id})`,
      detail: expect.stringMatching(/paused since 20\S+Z \(.*\) by BATON_ADMIN_KEY/),
      remedy: expect.stringContaining(`resume ${other.connector.id}`),
    },
    {
      section: "work",
      what: "dead letters",
      detail: expect.stringContaining("1 × rejected"),
      remedy: expect.stringContaining(`baton handoff ${id}`),
    },
    {
      section: "connectors",
      what: "all clients",
      detail: expect.stringMatching(/^all 2 clients fail alike, at token: /),
    },
    {
      section: "connectors",
      what: `test (${connector.id})`,
      detail: expect.stringContaining("token: token endpoint: HTTP 401"),
      remedy: expect.stringContaining("clientSecret"),
    },
    { section: "connectors", what: `test (${other.connector.id})` },
  ]);
  expect(found.causes[0]).toEqual([
    "connectors: all clients",
    `connectors: test (${connector.id})`,
    `connectors: test (${other.connector.id})`,
  ]);
  expect(found.causes.slice(1)).toEqual([
    ["work: workers"],
    ["work: pause"],
    [`work: test (${other.connector.id})`],
    ["work: dead letters"],
  ]);
  const { stdout } = await runBaton(["doctor"], { env: all });
  expect(stdout).toMatch(
    /^1\. all clients: all 2 clients fail alike.*? {3}From it follows:\n {3}- test \(cn_.*?\n\n2\. workers: /s,
  );
  expect(stdout).toMatch(/^work +BAD +workers +see 2$/m);
  expect(stdout).toMatch(/\n7 findings, 5 causes; 1 could not be looked at from here\.\n$/);
  expect(Math.max(...stdout.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
  expect(found.stdout).not.toMatch(/planted-(secret|parameter)/);
  expect(logLines.join()).not.toContain("planted-secret");
});

it("finds a Redis that would lose handoffs, and one that is nearly full", async () => {
  const { server, namespace } = await setup();
  await server.redis.config("SET", "appendonly", "no");
  await server.redis.config("SET", "maxmemory-policy", "allkeys-lru");
  const used = Number(/^used_memory:(\d+)/m.exec(await server.redis.info("memory"))?.[1]);
  await server.redis.config("SET", "maxmemory", String(Math.round(used / 0.9)));
  const found = await examine({ BATON_REDIS_URL: server.url, BATON_NAMESPACE: namespace });
  expect(found.code).toBe(1);
  expect(found.bad).toMatchObject([
    { section: "redis", what: "memory", remedy: expect.stringContaining("maxmemory") },
    {
      section: "redis",
      what: "settings",
      detail: expect.stringContaining("allkeys-lru"),
      remedy: expect.stringContaining("CONFIG SET maxmemory-policy noeviction"),
    },
    {
      section: "redis",
      what: "settings",
      detail: expect.stringContaining("append-only"),
      remedy: expect.stringContaining("appendonly yes"),
    },
  ]);
});

it("looks at everything else while Redis is away, and says which password it lacks", async () => {
  const { all, server } = await setup();
  await server.kill();
  const gone = await examine(all);
  expect([gone.code, gone.names]).toEqual([1, SECTIONS]);
  expect(gone.of("redis")).toMatchObject([
    {
      state: "bad",
      detail: expect.stringContaining("does not answer"),
      remedy: expect.stringContaining("Start Redis"),
    },
  ]);
  expect(gone.causes).toEqual([["redis: Redis", "processes: admin", "processes: ingress", "processes: admin key"]]);
  for (const section of ["clock", "registry", "keyring"])
    expect(gone.of(section)).toMatchObject([{ state: "unseen", detail: "Redis does not answer" }]);
  expect(gone.of("processes").slice(0, 2)).toMatchObject([
    { what: "admin", state: "bad" },
    { what: "ingress", state: "bad" },
  ]);

  await server.start();
  await server.redis.config("SET", "requirepass", "planted-right");
  const refused = await examine({ ...all, BATON_REDIS_URL: server.url.replace("//", "//:planted-wrong@") });
  expect(refused.of("redis")).toMatchObject([
    { state: "bad", detail: expect.stringContaining("refuses the user and password"), remedy: expect.any(String) },
  ]);
  expect(refused.stdout).not.toContain("planted");
});

it("finds credentials that the key ring does not open, and says which keys are still needed", async () => {
  const { all, connector, env } = await setup();
  const newest = generateKeyringEntry();
  const rotated = await examine({ ...all, BATON_KEYRING: `${newest},${env.BATON_KEYRING}` });
  const keyId = env.BATON_KEYRING.split(":", 1)[0];
  expect(rotated.of("keyring")).toMatchObject([
    { what: "credentials", state: "good" },
    { what: `key ${keyId}`, state: "good", detail: expect.stringMatching(/still needed/) },
    { what: "processes' key rings", state: "good" },
  ]);
  const lost = await examine({ ...all, BATON_KEYRING: newest });
  expect(lost.code).toBe(1);
  expect(lost.of("keyring")).toMatchObject([
    { what: "credentials", state: "bad", detail: expect.stringContaining(connector.id) },
    { what: `key ${keyId}`, state: "bad", remedy: expect.stringContaining("behind the newest") },
    { what: "processes' key rings", state: "good" },
  ]);
  expect(lost.stdout).not.toContain(newest.split(":")[1]);
});

it("finds a worker that lacks the key of a connector and its handoffs, from whatever ring it is asked itself", async () => {
  const { all, connector, env, startWorker, client } = await setup();
  await startWorker({ BATON_KEYRING: generateKeyringEntry() });
  await expect.poll(async () => (await client.overview()).workers, { timeout: 10_000 }).toBe(1);
  await client.send({ contactId: "100000000001", params: { p1: "planted" } });
  const keyId = env.BATON_KEYRING.split(":", 1)[0];
  const { BATON_KEYRING: _own, ...blind } = all;
  for (const asked of [all, blind]) {
    const found = await examine(asked);
    expect(found.code).toBe(1);
    expect(found.of("keyring")).toContainEqual({
      section: "keyring",
      what: `key ${keyId}`,
      state: "bad",
      detail: expect.stringMatching(
        new RegExp(
          `^worker \\(pid ${process.pid} on .+\\) lacks it, and it sealed 1 × credentials, 1 × handoff parameters of test \\(${connector.id}\\)`,
        ),
      ),
      remedy: expect.stringContaining("BATON_KEYRING of these processes"),
    });
    expect(found.stdout).not.toMatch(/planted/);
  }
});

it("finds that a key was taken off the ring while idempotency keys are still known by it", async () => {
  const { all, server, shards } = await setup();
  await server.redis.hset(`${shards.tags[0]}:meta`, "fingerprint:taken-off", Date.now() + 3_600_000);
  const { of } = await examine(all);
  expect(of("keyring").at(-2)).toMatchObject({
    what: "key taken-off",
    state: "bad",
    remedy: expect.stringContaining("repeat"),
  });
});

it("finds that it was given another namespace, or fewer shards, than the processes have", async () => {
  const { all, createConnector } = await setup({ BATON_SHARDS: "2" });
  const { connector } = await createConnector({ shard: 1 });
  const fewer = await examine(all);
  expect([fewer.code, fewer.bad.filter(({ section }) => section !== "work")]).toMatchObject([
    1,
    [{ section: "registry", what: "shards", remedy: expect.stringContaining("BATON_SHARDS to 2") }],
  ]);
  expect(fewer.of("connectors").at(-1)).toMatchObject({ what: `test (${connector.id})`, state: "good" });
  const strange = await examine({ ...all, BATON_SHARDS: "2", BATON_NAMESPACE: "another" });
  expect(strange.of("registry")).toMatchObject([
    { state: "good" },
    { what: "admin", state: "bad", detail: expect.stringContaining("2 connectors") },
  ]);
});

it("finds running processes with fewer shards than connectors are on", async () => {
  const { all, createConnector, startWorker } = await setup();
  await startWorker();
  expect((await examine({ ...all, BATON_SHARDS: "2" })).of("registry").map(({ state }) => state)).not.toContain("bad");
  await createConnector({ shard: 1 });
  const { of, code } = await examine({ ...all, BATON_SHARDS: "2" });
  const found = of("registry").filter(({ what }) => what === "processes' shards");
  expect([code, found.map(({ detail }) => detail)]).toEqual([
    1,
    [
      expect.stringMatching(
        /^admin \(pid .*fewer than the 2 shards .*neither show nor change handoffs of connectors in the others$/,
      ),
      expect.stringMatching(/^ingress \(pid .*answer 503 to the projects of connectors in the others$/),
      expect.stringMatching(/^worker \(pid .*send no handoffs of the connectors in the others$/),
    ],
  ]);
  expect(found[2]?.remedy).toContain("BATON_SHARDS to 2 or more on all processes");
});

it("lists every fault of the environment together, looks at the rest, and exits 78", async () => {
  const { operator } = await setup();
  const found = await examine({
    ...operator,
    BATON_SHARDS: "0",
    BATON_KEYRING: "k:planted",
    BATON_REDIS_URL: "mysql://u:planted@h",
  });
  expect([found.code, found.bad.map(({ what }) => what).sort()]).toEqual([
    78,
    ["BATON_KEYRING", "BATON_REDIS_URL", "BATON_SHARDS", "workers"],
  ]);
  expect(found.of("connectors")).toMatchObject([{ state: "good" }]);
  expect(found.stdout).not.toContain("planted");
  const nothing = await examine({});
  expect([nothing.code, nothing.bad]).toMatchObject([
    78,
    [{ detail: expect.stringContaining("BATON_ADMIN_KEY or BATON_REDIS_URL is required") }],
  ]);
});

it("says that no answer comes from admin's address, or that admin does not know the key", async () => {
  const { operator } = await setup();
  const wrongKey = await examine({ ...operator, BATON_ADMIN_KEY: `ba_${"x".repeat(40)}` });
  expect([wrongKey.code, wrongKey.bad]).toMatchObject([
    1,
    [{ what: "admin key", detail: expect.stringContaining("401") }],
  ]);
  const unanswered = await examine({ ...operator, BATON_ADMIN_URL: "http://127.0.0.1:9" });
  expect([unanswered.code, unanswered.bad]).toMatchObject([
    1,
    [{ what: "admin", remedy: expect.stringContaining("BATON_ADMIN_URL") }],
  ]);
});

it("asks the sentinels, and names one that is gone and a master without a replica", async () => {
  const { url, replica } = await startSentinel();
  const env = { BATON_REDIS_URL: url, BATON_DURABILITY: "replicated" };
  const whole = await examine(env);
  expect([whole.code, whole.of("redis").at(-1)]).toMatchObject([
    0,
    { what: "sentinel", detail: expect.stringContaining("3 would make") },
  ]);
  await replica.kill();
  const oneMore = url.replace("/baton", ",127.0.0.1:9/baton");
  await expect
    .poll(
      async () =>
        (await examine({ ...env, BATON_REDIS_URL: oneMore })).bad.map(({ what, detail }) => `${what}: ${detail}`),
      {
        timeout: 40_000,
      },
    )
    .toEqual([expect.stringContaining("no replica follows"), expect.stringContaining("sentinel 127.0.0.1:9")]);
});

it("asks every master of a cluster, and finds it whole", async () => {
  const { url } = await startCluster();
  const { code, of } = await examine({ BATON_REDIS_URL: url });
  expect([code, of("redis").filter(({ what }) => what === "memory")]).toMatchObject([
    0,
    [{ state: "good" }, { state: "good" }, { state: "good" }],
  ]);
});

it("names a master of a cluster that hangs, and finds another one full", async () => {
  const { url, nodes } = await startMasters();
  const [hanging, full] = nodes;
  hanging?.hang();
  await full?.redis.config("SET", "maxmemory", "1");
  const { code, of } = await examine({ BATON_REDIS_URL: url });
  expect(code).toBe(1);
  const memory = of("redis").filter(({ what }) => what === "memory");
  expect(memory.filter(({ state }) => state === "bad")).toMatchObject([
    { detail: expect.stringContaining(`127.0.0.1:${full?.port}`) },
  ]);
  expect(memory.filter(({ state }) => state === "good")).toHaveLength(1);
  expect(of("redis")).toContainEqual(
    expect.objectContaining({ state: "bad", detail: `the master 127.0.0.1:${hanging?.port} does not answer` }),
  );
});
