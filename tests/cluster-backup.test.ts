/**
 * docs/backup.md, tried on a cluster: its masters are backed up one after the other under load, much happens after
 * each, everything is lost, and the backups take over on another cluster. What is lost is what came to a shard after
 * its own backup, and no signal is sent again without saying so.
 */
import { createBatonClient, type HandoffJson } from "@baton/api";
import { expect, it } from "vitest";
import { runBaton } from "../apps/cli/testing/run-baton.ts";
import { BACKUP_METHODS, type BackupMethod, backupFolder, restoreInto } from "./world/backups.ts";
import { startBatonOn } from "./world/baton-on-redis.ts";
import { type ClusterNode, type Masters, startMasters } from "./world/cluster.ts";
import { startProcess } from "./world/process.ts";
import { eventually } from "./world/redis-server.ts";
import { expectBackedOnesMarked, expectOnlyLaterOnesLost } from "./world/restored.ts";
import { startTraffic } from "./world/traffic.ts";

/** So many that every master has one, wherever the namespace puts the first. */
const SHARDS = [0, 1, 2, 3];
const PER_SECOND = 15;
/** Answers of each shard that are waited for before and after a backup. */
const SOME = 15;
/** So many of a connector are queued when its shard is backed up, and sent after it. */
const WAITING = 4;
/** Longer than any test: what comes back from a backup is still to be sent. Milliseconds. */
const DEADLINE_MS = 600_000;

type Client = ReturnType<typeof createBatonClient>;

async function setup() {
  const masters = await startMasters();
  const baton = await startBatonOn(masters.url, { environment: { BATON_SHARDS: String(SHARDS.length) } });
  const admin = await startProcess("admin", baton.env);
  const operator = createBatonClient({ adminUrl: admin.url, adminKey: baton.env.BATON_ADMIN_KEY });
  const connectorOn = async (shard: number, guarantee: "at-least-once" | "at-most-once" = "at-least-once") => {
    const { connector, token } = await baton.createConnector({
      shard,
      delivery: { guarantee, deadlineMs: DEADLINE_MS },
    });
    return { id: connector.id, client: createBatonClient({ ingressUrl: baton.ingress.url, token }) };
  };
  return { masters, baton, admin, operator, connectorOn, shards: await Promise.all(SHARDS.map(fillShard)) };

  /** fillShard gives a shard traffic, handoffs that wait for two paused connectors, and a dead letter. */
  async function fillShard(shard: number) {
    const [busy, often, once] = [
      await connectorOn(shard),
      await connectorOn(shard),
      await connectorOn(shard, "at-most-once"),
    ];
    for (const { id } of [often, once]) await operator.pauseConnector(id);
    const lateOnes = await queue(often.client, 10_000 + 1_000 * shard);
    const onceOnes = await queue(once.client, 20_000 + 1_000 * shard);
    const contactId = `40${shard}`;
    baton.simulator.answer({ contactId, status: 404, times: 1 });
    const dead = await busy.client.send({ contactId });
    await eventually(async () => (await busy.client.get(dead.id)).status, "dead");
    const { nodes } = masters;
    const master = await masterOf(nodes, baton.shards.tags[shard] ?? "");
    return {
      master,
      paused: [often.id, once.id],
      lateOnes,
      onceOnes,
      dead,
      traffic: startTraffic(busy.client, PER_SECOND),
    };
  }
}

type Stage = Awaited<ReturnType<typeof setup>>;
type Shard = Stage["shards"][number];

/** queue sends some that wait, each to a contact of its own. */
async function queue(client: Client, first: number): Promise<readonly HandoffJson[]> {
  return Promise.all(Array.from({ length: WAITING }, (_, at) => client.send({ contactId: String(first + at) })));
}

/** masterOf finds the node that has the keys of a tag. */
async function masterOf(nodes: readonly ClusterNode[], tag: string): Promise<ClusterNode> {
  for (const node of nodes) {
    const slot = Number(await node.redis.cluster("KEYSLOT", tag));
    if (Number(await node.redis.cluster("COUNTKEYSINSLOT", slot)) > 0) return node;
  }
  throw new Error(`no master has a key of ${tag}`);
}

/** letHappen has a shard's waiting handoffs sent, and its dead letter replayed. */
async function letHappen({ operator }: Stage, { paused, lateOnes, onceOnes, dead }: Shard): Promise<void> {
  for (const id of paused) await operator.resumeConnector(id);
  await operator.replay(dead.id);
  for (const { id } of [...lateOnes, ...onceOnes, dead]) {
    await eventually(async () => (await operator.handoff(id)).status, "delivered");
  }
}

/**
 * backUp makes a backup of each master in turn, the registry's last, and lets much happen on its shard before the next.
 */
async function backUp(stage: Stage, { make }: BackupMethod) {
  const { masters, baton, shards } = stage;
  const registry = await masterOf(masters.nodes, `{${baton.namespace}}`);
  const backups: { readonly at: number; readonly folder: string }[] = [];
  const kept = new Set<string>();
  for (const node of [...masters.nodes.filter((each) => each !== registry), registry]) {
    const ofNode = shards.filter(({ master }) => master === node);
    expect(ofNode.length).toBeGreaterThan(0);
    for (const { traffic } of ofNode) await traffic.untilMore("accepted", SOME);
    for (const { contactId } of ofNode.flatMap(({ traffic }) => traffic.answers)) kept.add(contactId);
    const folder = backupFolder();
    await make(node, folder);
    backups.push({ at: masters.nodes.indexOf(node), folder });
    for (const shard of ofNode) await letHappen(stage, shard);
    for (const { traffic } of shards) await traffic.untilMore("accepted", SOME);
  }
  return { backups, kept };
}

/** restore starts another cluster on the backups: each on the master that has the same slots. */
async function restore(
  { backups }: Awaited<ReturnType<typeof backUp>>,
  { options, keep }: BackupMethod,
): Promise<Masters> {
  const masters = await startMasters();
  for (const node of masters.nodes) await node.stop();
  for (const { at, folder } of backups) {
    const node = masters.nodes[at];
    if (node === undefined) throw new Error("the clusters differ");
    restoreInto(node, folder);
    await node.start(options);
  }
  await masters.untilWhole();
  for (const node of masters.nodes) await keep(node);
  return masters;
}

it.each(BACKUP_METHODS)(
  "comes back from $name of each master: a shard loses what came after its own, and no signal is sent again without saying so",
  async (method) => {
    const stage = await setup();
    const { baton, admin, masters, shards } = stage;
    const backup = await backUp(stage, method);
    for (const { child } of [baton.ingress, baton.worker, admin]) child.kill("SIGKILL");
    for (const node of masters.nodes) await node.kill();
    const answers = (await Promise.all(shards.map(({ traffic }) => traffic.stop()))).flat();

    const { url } = await restore(backup, method);
    const env = { ...baton.env, BATON_REDIS_URL: url };
    const { BATON_REDIS_URL, BATON_NAMESPACE } = env;
    const mark = (count: number) =>
      runBaton(["mark-restored", "--pause", "--json"], {
        env: { BATON_REDIS_URL, BATON_NAMESPACE, BATON_SHARDS: String(count) },
      });
    // Those of before count as there for some seconds more.
    await expect
      .poll(async () => (await mark(1)).stderr, { timeout: 30_000 })
      .toContain("at least 4 shards are in use");
    const marked = JSON.parse((await mark(SHARDS.length)).stdout);
    expect(marked).toMatchObject({ died: SHARDS.length * WAITING, faults: [] });
    expect(marked.marked).toBeGreaterThanOrEqual(SHARDS.length * (WAITING + 1));

    await Promise.all((["ingress", "worker"] as const).map((app) => startProcess(app, env)));
    const again = await startProcess("admin", env);
    const operator = createBatonClient({ adminUrl: again.url, adminKey: env.BATON_ADMIN_KEY });
    await operator.resume();
    for (const id of shards.flatMap(({ paused }) => paused)) await operator.resumeConnector(id);
    await eventually(async () => {
      const { queued, sending } = (await operator.overview()).handoffs;
      return queued + sending;
    }, 0);

    const after = { operator, signals: baton.simulator.signals() };
    await expectOnlyLaterOnesLost(after, answers, backup.kept);
    for (const shard of shards) await expectBackedOnesMarked(after, shard);
  },
  180_000,
);
