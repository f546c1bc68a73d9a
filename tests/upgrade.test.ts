/**
 * From an earlier build to this one and back, under load, over real processes: nothing is refused or lost, and each
 * build goes on with what the other one left. Left out of a run without the repository's history (vitest.config.ts).
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createBatonClient } from "@baton/api";
import { beforeAll, expect, it } from "vitest";
import { openEarlierBuild, ownSchemas } from "./world/earlier-build.ts";
import { ROOT } from "./world/guide.ts";
import { type App, type RunningProcess, startProcess } from "./world/process.ts";
import { eventually, startRedisServer } from "./world/redis-server.ts";
import { drawUpLedger, NOTHING_WRONG, startTraffic } from "./world/traffic.ts";
import { createWorld, ended } from "./world/world.ts";

/** There and back; UPGRADE_ROUNDS=20 is the long run. */
const ROUNDS = Number(process.env.UPGRADE_ROUNDS ?? 1);
const PER_SECOND = 40;
/** Answers waited for between two steps. */
const SOME = 40;
/** CXone takes so long, so that signals are under way at every step. Milliseconds. */
const SIGNAL_MS = 150;
/** Longer than any step takes, on a busy machine too. Milliseconds. */
const DEADLINE_MS = 600_000;
/** An ingress serves on for so long once it is to stop: what is on its way to it still arrives. Milliseconds. */
const DRAIN_MS = 2_000;
/** So many wait for the other build to send them. */
const WAITING = 20;
/** CXone refuses its signal until it is active again. */
const ENDED_CONTACT = "404";
/** As docs/upgrade.md has it: the processes that read newer records come before those that write them. */
const UPGRADE: readonly App[] = ["worker", "admin", "ingress"];
const INSTALL_MS = 300_000;

let earlier = "";
beforeAll(() => {
  earlier = openEarlierBuild().folder;
}, INSTALL_MS);

/** setup starts all processes of the earlier build, with two connectors that its admin made. */
async function setup() {
  const redis = await startRedisServer();
  const world = await createWorld({ BATON_REDIS_URL: redis.url });
  world.simulator.answer({ delayMs: SIGNAL_MS });
  const fleet = new Map<App, RunningProcess>();
  const replace = async (app: App, root: string) => {
    const drain = app === "ingress" ? { BATON_DRAIN_MS: String(DRAIN_MS) } : {};
    const next = await startProcess(app, { ...world.env, ...drain }, root);
    await eventually(async () => (await fetch(`${next.url}/readyz`)).status, 200);
    const before = fleet.get(app);
    fleet.set(app, next);
    if (before !== undefined) expect(await before.stop()).toBe(0);
  };
  for (const app of UPGRADE) await replace(app, earlier);
  const urlOf = (app: App) => fleet.get(app)?.url ?? "";
  const operator = () => createBatonClient({ adminUrl: urlOf("admin"), adminKey: world.env.BATON_ADMIN_KEY });
  const createConnector = async (name: string) => {
    const { id } = await operator().createConnector({
      name,
      accountId: "acme",
      projectId: name,
      cxone: { issuer: world.simulator.url },
      credentials: { clientId: "app@nice", clientSecret: "secret", accessKeyId: `AK-${name}`, accessKeySecret: "key" },
      delivery: { rate: null, deadlineMs: DEADLINE_MS },
    });
    const { token } = await operator().createToken(id);
    // Whichever ingress serves at the moment, as behind a load balancer.
    return { id, client: () => createBatonClient({ ingressUrl: urlOf("ingress"), token }) };
  };
  return { ...world, replace, operator, live: await createConnector("live"), late: await createConnector("late") };
}

type Fleet = Awaited<ReturnType<typeof setup>>;

/** leave has the build that runs leave what the other one is to go on with. */
async function leave({ operator, late, simulator }: Fleet, round: string) {
  simulator.contact(ENDED_CONTACT, "ended");
  const dead = await late.client().send({ contactId: ENDED_CONTACT, params: { p1: round } });
  expect(await ended(late.client(), dead.id)).toMatchObject({ status: "dead" });
  await operator().pauseConnector(late.id);
  const options = { idempotencyKey: `key of ${round}` };
  const keyed = await late.client().send({ contactId: "2", params: { p1: round } }, options);
  const sending = Array.from({ length: WAITING }, (_, number) =>
    late.client().send({ contactId: `${1_000 + number}` }),
  );
  return { round, dead, keyed, options, waiting: await Promise.all(sending) };
}

/** goOn has the other build do so. */
async function goOn({ operator, late, simulator }: Fleet, left: Awaited<ReturnType<typeof leave>>): Promise<void> {
  const { round, dead, keyed, options, waiting } = left;
  expect((await late.client().send({ contactId: "2", params: { p1: round } }, options)).id).toBe(keyed.id);
  simulator.contact(ENDED_CONTACT, "active");
  await operator().replay(dead.id);
  await operator().resumeConnector(late.id);
  for (const { id } of [...waiting, keyed, dead]) {
    expect(await ended(late.client(), id)).toMatchObject({ status: "delivered", possibleDuplicate: false });
  }
}

it(
  "upgrades and rolls back under load, and refuses and loses nothing",
  async () => {
    const fleet = await setup();
    const { replace, live, simulator } = fleet;
    const traffic = startTraffic({ send: (...args) => live.client().send(...args) }, PER_SECOND);
    const roll = async (apps: readonly App[], root: string, name: string) => {
      const left = await leave(fleet, name);
      for (const app of apps) {
        await replace(app, root);
        await traffic.untilMore("accepted", SOME);
      }
      await goOn(fleet, left);
    };
    for (let round = 1; round <= ROUNDS; round++) {
      await roll(UPGRADE, ROOT, `upgrade ${round}`);
      await roll(UPGRADE.toReversed(), earlier, `rollback ${round}`);
    }
    const answers = await traffic.stop();
    for (const { id = "" } of answers) if (id !== "") await ended(live.client(), id);
    const ledger = await drawUpLedger(answers, (id) => live.client().get(id), simulator.signals());
    expect(ledger).toMatchObject({ ...NOTHING_WRONG, refused: 0, duplicates: 0, delivered: answers.length });
  },
  120_000 * (1 + ROUNDS),
);

it("is described by docs/upgrade.md: this build's schemas, and the order in which processes are replaced", () => {
  const document = readFileSync(join(ROOT, "docs/upgrade.md"), "utf8");
  const { version } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { version: string };
  const { writes, oldest } = ownSchemas();
  expect(document).toContain(`| ${version} | ${writes} | ${oldest} |`);
  const steps = [...document.matchAll(/^\d\. All \*\*(\w+?)(?:es|s)\*\*/gm)].map(([, app]) => app);
  expect(steps).toEqual([...UPGRADE, ...UPGRADE.toReversed()]);
});
