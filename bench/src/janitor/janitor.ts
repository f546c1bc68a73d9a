/** Janitor: a million ended handoffs go, and what that costs those who are live. */
import { setTimeout as sleep } from "node:timers/promises";
import { shardHashTag } from "@baton/redis/shards";
import getPort from "get-port";
import { startBaton } from "../contenders/baton.ts";
import { startNode } from "../contenders/start-node.ts";
import { formatNumber } from "../figure.ts";
import { fillWithHandoffs } from "../fill/fill-with-handoffs.ts";
import { type Latencies, latencies } from "../latencies.ts";
import { type Outcome, openRig, type Rig } from "../rig.ts";
import { atMost, markdownTable, type PartOptions, type Section } from "../section.ts";
import { openSlowLog, SLOW_MS, type SlowCommands } from "../slow-log.ts";
import { saturatingShape } from "../speed/measure-turn.ts";
import { isExact, tally } from "../tally.ts";

const PROJECTS = 20;
const ENTRIES = 1_000_000;
const SMOKE_ENTRIES = 2_000;
/** Live handoffs meanwhile. */
const PER_SECOND = 50;
const WARM_UP_MS = 4_000;
/**
 * The janitor is through when no more are left than the live ones leave: two of its rounds' worth, and their second of
 * keeping.
 */
const LEFT = PER_SECOND * 10;
/** A round is made every two seconds. Milliseconds. */
const ROUND_MS = 2_000;

interface Janitor {
  readonly entries: number;
  readonly filledInS: number;
  readonly tookS: number;
  readonly alone: Latencies;
  readonly meanwhile: Latencies;
  readonly slow: { readonly filling: SlowCommands; readonly pruning: SlowCommands };
}

type JanitorRig = Rig<Awaited<ReturnType<typeof startBaton>>>;

/**
 * measureJanitor fills while nothing is old enough to go, then starts a worker that keeps ended handoffs for a second.
 */
export async function measureJanitor({ seconds, smoke, say }: PartOptions): Promise<Section> {
  const entries = smoke ? SMOKE_ENTRIES : ENTRIES;
  await using rig = await openRig((options) => startBaton({ ...options, projects: PROJECTS }));
  const slowLog = await openSlowLog(rig.contender.redis.port);
  await rig.play({ shape: saturatingShape(rig, smoke ? 500 : WARM_UP_MS) });
  const startedAt = performance.now();
  await leaveEnded(rig, entries);
  const filledInS = (performance.now() - startedAt) / 1_000;
  say(`janitor: ${entries} ended handoffs in ${filledInS.toFixed(0)} s`);
  const filling = await slowLog.take();
  const shape = { kind: "rate", perSecond: PER_SECOND, count: PER_SECOND * seconds } as const;
  const alone = await rig.playBeside({ shape });
  const { outcome, tookS } = await pruneUnderLoad(rig, () => rig.playBeside({ shape }));
  const janitor: Janitor = {
    entries,
    filledInS,
    tookS,
    alone: latencies(alone),
    meanwhile: latencies(outcome),
    slow: { filling, pruning: await slowLog.take() },
  };
  slowLog.close();
  const faults = [alone, outcome].map(({ sent, arrivals }) => tally(sent, arrivals)).filter((one) => !isExact(one));
  return {
    title: "Janitor",
    text: render(janitor),
    targets: [
      atMost(`commands over ${SLOW_MS} ms while the janitor works`, janitor.slow.pruning.count, { limit: 0, unit: "" }),
      atMost("others' p99 meanwhile, against before", janitor.meanwhile.arriveP99Ms / janitor.alone.arriveP99Ms, {
        limit: 1.5,
        unit: "×",
      }),
    ],
    faults: faults.map((one) => JSON.stringify(one)),
    figures: janitor,
  };
}

async function leaveEnded(rig: JanitorRig, count: number): Promise<void> {
  const { redis, env, connectors, children } = rig.contender;
  const order = {
    redisPort: redis.port,
    namespace: env.BATON_NAMESPACE,
    keyring: env.BATON_KEYRING,
    connectorIds: connectors.map(({ id }) => id),
    leftover: "ended",
    firstContact: rig.nextContacts(),
    count,
  } as const;
  await fillWithHandoffs(order, children.worker);
}

/**
 * pruneUnderLoad plays phases until the janitor is through; `tookS` is measured to the end of the phase in which it
 * was.
 */
async function pruneUnderLoad(
  rig: JanitorRig,
  play: () => Promise<Outcome>,
): Promise<{ readonly outcome: Outcome; readonly tookS: number }> {
  const { env, redis } = rig.contender;
  const worker = await startNode({
    name: "janitor",
    folder: rig.folder,
    script: "apps/worker/src/main.ts",
    env: { ...env, BATON_WORKER_PORT: String(await getPort({ host: "127.0.0.1" })), BATON_RETENTION_ENDED: "1s" },
    says: '"msg":"listening"',
  });
  try {
    const startedAt = performance.now();
    const phases: Outcome[] = [];
    for (;;) {
      phases.push(await play());
      if (Number((await redis.command(`ZCARD ${shardHashTag(env.BATON_NAMESPACE, 0)}:ended`)).slice(1)) <= LEFT) break;
      await sleep(ROUND_MS);
    }
    const tookS = (performance.now() - startedAt) / 1_000;
    return {
      tookS,
      outcome: { sent: phases.flatMap(({ sent }) => sent), arrivals: phases.flatMap(({ arrivals }) => arrivals) },
    };
  } finally {
    await worker.kill();
  }
}

function render({ entries, filledInS, tookS, alone, meanwhile, slow }: Janitor): string {
  const pair = (p50: number, p99: number) => `${formatNumber(p50)} / ${formatNumber(p99)}`;
  const slowly = ({ count, worst }: SlowCommands) =>
    worst === undefined ? "0" : `${count}, worst ${formatNumber(worst.ms)} ms`;
  return `${entries.toLocaleString("en-US")} delivered handoffs over ${PROJECTS} connectors, made by the scripts that ingress and worker run (in ${filledInS.toFixed(0)} s); then a worker starts whose retention
is one second, and its janitor takes them all out in ${tookS.toFixed(0)} s, while live handoffs are sent at ${PER_SECOND}/s.

${markdownTable([
  ["", "before", "meanwhile"],
  [
    "accept p50 / p99, ms",
    pair(alone.acceptP50Ms, alone.acceptP99Ms),
    pair(meanwhile.acceptP50Ms, meanwhile.acceptP99Ms),
  ],
  [
    "arrive p50 / p99, ms",
    pair(alone.arriveP50Ms, alone.arriveP99Ms),
    pair(meanwhile.arriveP50Ms, meanwhile.arriveP99Ms),
  ],
  [`commands over ${SLOW_MS} ms`, `${slowly(slow.filling)} (filling)`, slowly(slow.pruning)],
])}`;
}
