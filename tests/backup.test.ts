/**
 * docs/backup.md, tried: a backup is made under load, much happens after it, everything is lost, and the backup takes
 * over. What is lost is what came after it, and no signal is sent again without saying so.
 */
import { createBatonClient, type HandoffJson } from "@baton/api";
import { generateKeyringEntry } from "@baton/vault";
import { expect, it } from "vitest";
import { runBaton } from "../apps/cli/testing/run-baton.ts";
import { BACKUP_METHODS, backupFolder } from "./world/backups.ts";
import { startBatonOn } from "./world/baton-on-redis.ts";
import { startProcess } from "./world/process.ts";
import { eventually, startRedisServer } from "./world/redis-server.ts";
import { expectBackedOnesMarked, expectOnlyLaterOnesLost } from "./world/restored.ts";
import { startTraffic } from "./world/traffic.ts";

const PER_SECOND = 50;
/** Answers waited for before and after the backup. */
const SOME = 50;
/** So many are queued when the backup is made, and sent after it. */
const WAITING = 10;
/** Longer than any test: what comes back from a backup is still to be sent. Milliseconds. */
const DEADLINE_MS = 600_000;
const DEAD_CONTACT = "404";

async function setup() {
  const redis = await startRedisServer();
  const baton = await startBatonOn(redis.url);
  const admin = await startProcess("admin", baton.env);
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: baton.env.BATON_ADMIN_KEY });
  const clientOf = (token: string) => createBatonClient({ ingressUrl: baton.ingress.url, token });
  const pausedConnector = async (guarantee: "at-least-once" | "at-most-once") => {
    const { connector, token } = await baton.createConnector({ delivery: { guarantee, deadlineMs: DEADLINE_MS } });
    await operator.pauseConnector(connector.id);
    return { id: connector.id, client: clientOf(token) };
  };
  return { redis, baton, admin, operator, pausedConnector };
}

/** queue sends some that wait, each to a contact of its own. */
async function queue(client: ReturnType<typeof createBatonClient>, first: number): Promise<readonly HandoffJson[]> {
  const contacts = Array.from({ length: WAITING }, (_, number) => String(first + number));
  return Promise.all(contacts.map((contactId) => client.send({ contactId, params: { p1: "Escalate" } })));
}

/** startAgain starts everything on another Redis. */
async function startAgain(env: Readonly<Record<string, string>> & { readonly BATON_ADMIN_KEY: string }, token: string) {
  const [ingress, , admin] = await Promise.all([
    startProcess("ingress", env),
    startProcess("worker", env),
    startProcess("admin", env),
  ]);
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: env.BATON_ADMIN_KEY });
  const client = createBatonClient({ ingressUrl: ingress.url, token });
  return { client, operator };
}

it.each(BACKUP_METHODS)(
  "comes back from $name that was made under load: what came after it is lost, and no signal is sent again without saying so",
  async ({ make, options, keep }) => {
    const { redis, baton, admin, operator, pausedConnector } = await setup();
    const [late, once] = [await pausedConnector("at-least-once"), await pausedConnector("at-most-once")];
    const [lateOnes, onceOnes] = [await queue(late.client, 1_000), await queue(once.client, 2_000)];
    baton.simulator.answer({ contactId: DEAD_CONTACT, status: 404, times: 1 });
    const dead = await baton.client.send({ contactId: DEAD_CONTACT });
    await eventually(async () => (await baton.client.get(dead.id)).status, "dead");
    const traffic = startTraffic(baton.client, PER_SECOND);
    await traffic.untilMore("accepted", SOME);

    const before = new Set(traffic.answers.map(({ contactId }) => contactId));
    const folder = backupFolder();
    await make(redis, folder);

    for (const { id } of [late, once]) await operator.resumeConnector(id);
    await operator.replay(dead.id);
    for (const { id } of [...lateOnes, ...onceOnes, dead]) {
      await eventually(async () => (await operator.handoff(id)).status, "delivered");
    }
    await traffic.untilMore("accepted", SOME);
    for (const { child } of [baton.ingress, baton.worker, admin]) child.kill("SIGKILL");
    await redis.kill();
    const answers = await traffic.stop();

    const restored = await startRedisServer(["--dir", folder, ...options]);
    await keep(restored);
    const env = { ...baton.env, BATON_REDIS_URL: restored.url };
    const { BATON_REDIS_URL, BATON_NAMESPACE } = env;
    const mark = () => runBaton(["mark-restored", "--pause", "--json"], { env: { BATON_REDIS_URL, BATON_NAMESPACE } });
    // Those of before count as there for some seconds more.
    await expect.poll(async () => (await mark()).code, { timeout: 30_000 }).toBe(0);
    const again = await startAgain(env, baton.token);
    expect(await again.operator.overview()).toMatchObject({ paused: true });
    await again.operator.resume();
    for (const { id } of [late, once]) await again.operator.resumeConnector(id);
    await eventually(() => restored.redis.zcard(`${baton.shards.tags[0]}:due`), 0);

    const after = { operator: again.operator, signals: baton.simulator.signals() };
    await expectOnlyLaterOnesLost(after, answers, before);
    await expectBackedOnesMarked(after, { lateOnes, onceOnes, dead });
    expect((await again.client.send({ contactId: "1" }, { waitMs: 10_000 })).status).toBe("delivered");
  },
  120_000,
);

it("sends nothing that came back without the key ring it was sealed under, until a worker has that again", async () => {
  const { baton, operator, pausedConnector } = await setup();
  const late = await pausedConnector("at-least-once");
  const [handoff] = await queue(late.client, 1_000);
  expect(await baton.worker.stop()).toBe(0);
  const withoutKey = await startProcess("worker", { ...baton.env, BATON_KEYRING: generateKeyringEntry() });
  await operator.resumeConnector(late.id);
  await eventually(async () => (await operator.handoff(handoff?.id ?? "")).waitingFor, "keys");
  expect(await withoutKey.stop()).toBe(0);
  await startProcess("worker", baton.env);
  await eventually(async () => (await operator.handoff(handoff?.id ?? "")).status, "delivered");
});

it("marks nothing beside processes that run", async () => {
  const { baton } = await setup();
  const { BATON_REDIS_URL, BATON_NAMESPACE } = baton.env;
  const { code, stderr } = await runBaton(["mark-restored"], { env: { BATON_REDIS_URL, BATON_NAMESPACE } });
  expect(code).toBe(1);
  expect(stderr).toMatch(/3 processes run, \w+ on \S+ \(\d+\) among them; stop all of them/);
});
