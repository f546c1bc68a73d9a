import { createBatonClient } from "@baton/api";
import { expect, it } from "vitest";
import { runBaton } from "../apps/cli/testing/run-baton.ts";
import { startCluster } from "./world/cluster.ts";
import { createRawClient } from "./world/raw-client.ts";
import { startRedisServer } from "./world/redis-server.ts";
import { createRings, fill, keysInUse, reportOf, startReseal } from "./world/reseal.ts";
import { type Answer, drawUpLedger, NOTHING_WRONG, startTraffic } from "./world/traffic.ts";
import { createWorld, ended, type World } from "./world/world.ts";

const NOTHING_LEFT = { credentials: 0, access: 0, params: 0, context: 0 };
const PER_SECOND = 20;
const SOME = 20;
/** Each has parameters and a context: twice as many entries. BATON_TEST_RESEAL=50000 measures 100,000 of them. */
const FILLED = Number(process.env.BATON_TEST_RESEAL ?? 5_000);
/** A hundred pages: a run over them is under way for long enough to be killed. */
const MANY = 10_000;
/** What holds Redis up for longer is printed. Microseconds. */
const SLOW_MICROS = 20_000;
/** Longer than all rings take to change: what is accepted under the first is delivered under the last. Milliseconds. */
const LATE_MS = 25_000;
const KEYED = { contactId: "100000000001", params: { p1: "Escalate" } };
const IDEMPOTENCY_KEY = "conversation-4711";

async function setup(environment: Readonly<Record<string, string>> = {}) {
  const rings = createRings();
  const world = await createWorld({ BATON_KEYRING: rings.before, ...environment });
  const { connector, token } = await world.createConnector();
  /** A whole Baton on one ring. */
  async function start(keyring: string) {
    const ring = { BATON_KEYRING: keyring };
    const [ingress, worker, admin] = [
      await world.startIngress(ring),
      await world.startWorker(ring),
      await world.startAdmin(ring),
    ];
    const client = createBatonClient({ ingressUrl: ingress.url, adminUrl: admin.url, token, adminKey: admin.key });
    const raw = createRawClient(ingress.url, token);
    return {
      client,
      raw,
      ingress,
      close: async () => void (await Promise.all([ingress, worker, admin].map(({ life }) => life.close()))),
    };
  }
  const reseal = async (keyring: string) => {
    const finished = await startReseal(world, keyring).ended;
    return { ...finished, report: reportOf(finished) };
  };
  return { ...world, world, rings, connector, token, start, reseal };
}

type Baton = Awaited<ReturnType<Awaited<ReturnType<typeof setup>>["start"]>>;

/** What was handed off before the keys were changed, in each state that a handoff may be in for long. */
async function handOffBefore({ client, raw }: Baton, simulator: World["simulator"]) {
  simulator.answer({ on: "signal", contactId: "404", status: 404, times: 1 });
  const context = { intent: "billing" };
  const delivered = await client.send({ contactId: "1", context, sharedId: "before" });
  const dead = await client.send({ contactId: "404", params: { p1: "for", p2: "the dead one" } });
  const late = await client.send({ contactId: "2", params: { p1: "late" }, delayMs: LATE_MS });
  const keyed = await raw({ body: KEYED, headers: { "idempotency-key": IDEMPOTENCY_KEY } });
  for (const { id } of [delivered, dead, keyed.json]) await ended(client, id);
  return { context, dead, late, keyedId: keyed.json.id as string };
}

it("changes keys in the middle of traffic, and loses, refuses and forgets nothing", async () => {
  const { rings, connector, start, reseal, simulator, redis, shards, world } = await setup();
  let baton = await start(rings.before);
  const before = await handOffBefore(baton, simulator);
  const { token: screenPopKey } = await baton.client.createScreenPopKey(connector.id);
  const traffic = startTraffic({ send: (...args) => baton.client.send(...args) }, PER_SECOND);
  const changeTo = async (keyring: string) => {
    const old = baton;
    baton = await start(keyring);
    // As behind a load balancer: no request goes to the old one any more when it closes.
    await traffic.untilMore("accepted", SOME);
    await old.close();
  };

  await changeTo(rings.prepared);
  await changeTo(rings.changed);
  const { code, report } = await reseal(rings.changed);
  expect(code).toBe(0);
  const older = { keyId: rings.olderId, inRing: true, inUse: false, entries: NOTHING_LEFT };
  // The body under the idempotency key is known by the older key until that is forgotten.
  expect(report).toMatchObject({
    complete: true,
    newestKeyId: rings.newerId,
    keys: [{ ...older, needed: true, fingerprintsUntil: expect.any(String) }],
  });
  expect(await keysInUse(world)).toEqual(new Set([rings.newerId]));
  const again = await baton.raw({ body: KEYED, headers: { "idempotency-key": IDEMPOTENCY_KEY } });
  expect([again.status, again.json.id, again.headers.get("idempotent-replayed")]).toEqual([
    202,
    before.keyedId,
    "true",
  ]);

  // A day later:
  await redis.del(...(await redis.keys(`${shards.tags[0]}:idem:*`)), `${shards.tags[0]}:meta`);
  expect((await reseal(rings.changed)).report.keys).toEqual([{ ...older, needed: false }]);

  await changeTo(rings.after);
  const answers = await traffic.stop();
  await baton.client.replay(before.dead.id);
  expect(await ended(baton.client, before.dead.id)).toMatchObject({ status: "delivered", replays: 1 });
  expect(simulator.signals({ contactId: "404" }).at(-1)?.params).toMatchObject({ p1: "for", p2: "the dead one" });
  const popped = await fetch(`${baton.ingress.url}/v1/acme/${connector.projectId}/handoff_state?shared_id=before`, {
    headers: { "x-api-key": screenPopKey },
  });
  expect(await popped.json()).toMatchObject({ data: before.context });
  expect((await baton.client.verifyConnector(connector.id, {})).ok).toBe(true);
  expect(await ended(baton.client, before.late.id)).toMatchObject({ status: "delivered" });
  expect(simulator.signals({ contactId: "2" })).toMatchObject([{ params: { p1: "late" } }]);

  for (const { id = "" } of answers) if (id !== "") await ended(baton.client, id);
  const ledger = await drawUpLedger(answers, (id) => baton.client.get(id), simulator.signals());
  expect(ledger).toMatchObject({ ...NOTHING_WRONG, refused: 0, delivered: answers.length });
}, 180_000);

it("goes on where it stopped after kill -9, and ends right", async () => {
  const { world, rings, connector, shards, redis, reseal } = await setup();
  await fill(world, connector, { count: MANY, keyring: rings.before });
  const first = startReseal(world, rings.changed);
  await expect.poll(() => redis.hexists(`${shards.tags[0]}:meta`, "reseal"), { timeout: 30_000, interval: 5 }).toBe(1);
  first.kill("SIGKILL");
  await first.ended;
  expect(await keysInUse(world)).toEqual(new Set([rings.olderId, rings.newerId]));

  const { code, report } = await reseal(rings.changed);
  expect(code).toBe(0);
  expect(report).toMatchObject({ complete: true, resumed: true, keys: [{ keyId: rings.olderId, needed: false }] });
  expect(report.moved).toBeLessThan(2 * MANY);
  expect(await keysInUse(world)).toEqual(new Set([rings.newerId]));
  expect((await reseal(rings.changed)).report).toMatchObject({ complete: true, resumed: false, moved: 0 });
});

it("says of an older key that a process still seals with it, and what that sealed meanwhile", async () => {
  const { world, rings, start, reseal } = await setup();
  const behind = await start(rings.prepared);
  // Contexts are kept where parameters are not: those of what was delivered.
  const withContext = {
    send: (body: Parameters<typeof behind.client.send>[0]) =>
      behind.client.send({ ...body, context: { topic: "billing" } }),
  };
  const traffic = startTraffic(withContext, PER_SECOND);
  await traffic.untilMore("accepted", 1);
  // It waits for the process to end, and meanwhile that goes on sealing.
  const { code, report } = await reseal(rings.changed);
  await traffic.stop();
  expect(code).toBe(1);
  expect(report).toMatchObject({ complete: false, keys: [{ keyId: rings.olderId, needed: true, inUse: true }] });
  expect(report.keys[0]?.entries.context).toBeGreaterThan(0);
  const said = await startReseal(world, rings.changed, []).ended;
  expect(said.stdout).toContain(`Key ${rings.olderId} is still needed. A running process seals with it`);

  await behind.close();
  expect((await reseal(rings.changed)).report.keys).toMatchObject([
    { needed: false, inUse: false, entries: NOTHING_LEFT },
  ]);
  const done = await startReseal(world, rings.changed, []).ended;
  expect(done.stdout).toContain(
    `Key ${rings.olderId} is no longer needed: take it off BATON_KEYRING, on every process.`,
  );
});

it("moves nothing while a process is running that lacks the newest key, and names it", async () => {
  const { world, rings, connector, start } = await setup();
  const baton = await start(rings.before);
  await fill(world, connector, { count: 3, keyring: rings.before });
  const refused = await startReseal(world, rings.changed).ended;
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  for (const role of ["ingress", "worker", "admin"]) {
    expect(refused.stderr).toMatch(new RegExp(`${role} \\(pid ${process.pid} on [^)]+\\)`));
  }
  expect(refused.stderr).toContain(`lack the key ${rings.newerId}`);
  expect(await keysInUse(world)).toEqual(new Set([rings.olderId]));
  expect((await baton.client.verifyConnector(connector.id, {})).ok).toBe(true);
});

it("fails, and says which key is missing, where something is sealed under one that is not in the ring", async () => {
  const { world, rings, connector, reseal } = await setup();
  await fill(world, connector, { count: 3, keyring: rings.before });
  const { code, report } = await reseal(rings.after);
  expect(code).toBe(1);
  expect(report).toMatchObject({ complete: false, moved: 0 });
  expect(report.keys).toMatchObject([
    {
      keyId: rings.olderId,
      inRing: false,
      needed: true,
      entries: { credentials: 1, access: 0, params: 3, context: 3 },
    },
  ]);
  expect(report.unopened).toContainEqual({
    kind: "credentials",
    record: connector.id,
    why: expect.stringContaining("not in the key ring"),
  });
  const said = await startReseal(world, rings.after, []).ended;
  expect(said.stdout).toContain(
    "3 handoffs' parameters, 3 contexts are sealed under it. Put it behind the others and run this again",
  );
});

it("never undoes a change of credentials that was made at the same moment", async () => {
  const { world, rings, start, reseal, createConnector } = await setup();
  const { client } = await start(rings.changed);
  const connectors = await Promise.all(Array.from({ length: 20 }, () => createConnector()));
  let resealing = true;
  const patching = connectors.map(async ({ connector, accessKeyId }) => {
    let changes = 0;
    for (; resealing || changes === 0; changes++) {
      const accessKeySecret = `secret ${changes}`;
      world.simulator.accessKey({ accessKeyId, accessKeySecret });
      await client.patchConnector(connector.id, { credentials: { accessKeySecret } });
    }
    return connector.id;
  });
  const reports = [await reseal(rings.changed), await reseal(rings.changed)];
  resealing = false;
  for (const id of await Promise.all(patching)) expect((await client.verifyConnector(id, {})).ok).toBe(true);
  expect(reports.at(-1)?.report).toMatchObject({ complete: true });
  expect(await keysInUse(world)).toEqual(new Set([rings.newerId]));
});

it(`moves ${2 * FILLED} entries under load, and loses and refuses nothing`, async () => {
  const server = await startRedisServer();
  const { world, rings, start, createConnector, simulator, reseal } = await setup({ BATON_REDIS_URL: server.url });
  const { connector: quiet } = await createConnector();
  await fill(world, quiet, { count: FILLED, keyring: rings.before });
  const { client } = await start(rings.changed);
  const traffic = startTraffic(client, 5 * PER_SECOND);
  await traffic.untilMore("accepted", 5 * SOME);
  await server.redis.config("SET", "slowlog-log-slower-than", SLOW_MICROS);
  await server.redis.slowlog("RESET");
  const [before, startedAt] = [traffic.answers.length, performance.now()];
  const { code, report } = await reseal(rings.changed);
  const [after, tookMs] = [traffic.answers.length, performance.now() - startedAt];
  await traffic.untilMore("accepted", SOME);
  const answers = await traffic.stop();
  print({
    entries: report.moved,
    tookMs: Math.round(tookMs),
    answeredInMs: {
      before: quantiles(traffic.answers.slice(0, before)),
      during: quantiles(traffic.answers.slice(before, after)),
    },
    slowInRedis: await server.redis.slowlog("LEN"),
  });
  expect(code).toBe(0);
  expect(report.moved).toBeGreaterThanOrEqual(2 * FILLED);
  expect(report.keys).toMatchObject([{ needed: false }]);
  for (const { id = "" } of answers) await ended(client, id);
  const ledger = await drawUpLedger(answers, (id) => client.get(id), simulator.signals());
  expect(ledger).toMatchObject({ ...NOTHING_WRONG, refused: 0, delivered: answers.length });
}, 300_000);

it("looks over every shard of a cluster", async () => {
  const cluster = await startCluster();
  const { world, rings, reseal, createConnector, redis, shards } = await setup({
    BATON_REDIS_URL: cluster.url,
    BATON_SHARDS: "3",
  });
  const connectors = await Promise.all([0, 1, 2].map(async (shard) => (await createConnector({ shard })).connector));
  for (const connector of connectors) await fill(world, connector, { count: 150, keyring: rings.before });
  const { code, report } = await reseal(rings.changed);
  expect(code).toBe(0);
  // Three connectors and the world's own have credentials.
  expect(report).toMatchObject({ complete: true, moved: 4 + 3 * 150 * 2, keys: [{ needed: false }] });
  for (const tag of shards.tags) expect(await redis.hexists(`${tag}:meta`, "reseal")).toBe(0);

  const tooFew = await startReseal({ env: { ...world.env, BATON_SHARDS: "2" } as World["env"] }, rings.changed).ended;
  expect(tooFew.code).toBe(78);
  expect(tooFew.stderr).toContain("BATON_SHARDS: at least 3 shards are in use");
}, 120_000);

it("exits 2 when it is misused, 78 without a ring, and 1 while Redis is away", async () => {
  expect((await runBaton(["reseal", "everything"])).code).toBe(2);
  const { code, stderr } = await runBaton(["reseal"], { env: { BATON_REDIS_URL: "redis://127.0.0.1:1" } });
  expect(code).toBe(78);
  expect(stderr).toContain("BATON_KEYRING is required");
  const away = await runBaton(["reseal"], {
    env: { BATON_REDIS_URL: "redis://127.0.0.1:1", BATON_KEYRING: createRings().before },
  });
  expect(away.code).toBe(1);
  expect(away.stderr).toContain("run it again, and it goes on from there");
});

/** print writes figures down; nothing is held to them. */
function print(figures: object): void {
  process.stderr.write(`${JSON.stringify(figures)}\n`);
}

function quantiles(answers: readonly Answer[]) {
  const sorted = answers.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  const at = (part: number) => sorted[Math.floor(part * (sorted.length - 1))];
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), most: at(1) };
}
