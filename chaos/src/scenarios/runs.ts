/** A run of many dead letters, over the deaths of a worker, of admin and of Redis. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Deployment } from "../deployment.ts";
import type { Effect, RunFacts } from "../ledger.ts";
import { waitUntil } from "../redis-server.ts";
import type { Scenario } from "../scenario.ts";
import { killRedis } from "./redis.ts";

const ITEMS = 20_000;
const PER_BATCH = 100;
/** Items a second: the run takes most of a minute, and the three kills fall into it. */
const RATE = 400;
/** Where in the run each kill comes. */
const [WORKER_AT, ADMIN_AT, REDIS_AT] = [0.2, 0.45, 0.7];
/** While the connector is paused, what comes dies of its deadline. Milliseconds. */
const DEADLINE_MS = 20_000;
const DEATHS_MS = 90_000;
const RUN_MS = 240_000;
/**
 * How long the live ones are alone before the run, and how long after a kill no latency counts. Milliseconds.
 */
const ALONE_MS = 10_000;
const TROUBLED_MS = 10_000;
const RESTART_MS = 500;
const FIRST_CONTACT = 500_000_000_000;

async function letDie(deployment: Deployment): Promise<void> {
  await deployment.pause("at-least-once");
  for (let first = 0; first < ITEMS; first += PER_BATCH) {
    const batch = Array.from({ length: PER_BATCH }, (_, i) => ({
      contactId: String(FIRST_CONTACT + first + i),
      params: { p1: `run-${first + i}` },
      deadlineMs: DEADLINE_MS,
    }));
    const ids = await deployment.sendBeside("at-least-once", batch);
    if (ids.length < PER_BATCH) throw new Error(`only ${ids.length} of a batch of ${PER_BATCH} were accepted`);
  }
  await waitUntil(async () => (await deployment.operator.deadLetters()).total === ITEMS, DEATHS_MS);
  await deployment.resume("at-least-once");
}

async function killProcess(deployment: Deployment, name: string): Promise<void> {
  const started = deployment.processes.find((each) => each.name === name);
  if (started === undefined) throw new Error(`no process is called ${name}`);
  await deployment.incident(`kill -9 of ${name}`, async () => {
    await started.child.kill();
    await sleep(RESTART_MS);
    await started.restart();
  });
}

/** reached waits until so large a part of the run is queued again; admin may be away meanwhile. */
async function reached(deployment: Deployment, id: string, part: number): Promise<void> {
  await waitUntil(async () => {
    const run = await deployment.operator.run("replay", id).catch(() => undefined);
    return (run?.replayed ?? 0) >= part * ITEMS;
  }, RUN_MS);
}

/** factsOf counts how often each item was signalled, and whether those that were signalled twice say so. */
async function factsOf(
  deployment: Deployment,
  times: { readonly startedAt: number; readonly endedAt: number },
): Promise<RunFacts> {
  const effects = await deployment.simulator.effects();
  const ofItems = Map.groupBy(
    effects.filter(({ key, effect }) => effect && key.startsWith("run-")),
    ({ contactId }) => contactId,
  );
  const twice = [...ofItems].filter(([, of]) => of.length > 1).map(([contactId]) => contactId);
  const handoffs = await Promise.all(
    twice.map(async (contactId) => (await deployment.operator.handoffs({ contactId })).items),
  );
  const flagged = handoffs.filter((of) => of.every(({ possibleDuplicate }) => possibleDuplicate)).length;
  const troubled = deployment.incidents.map(({ at, until: end }) => ({ from: at, to: end + TROUBLED_MS }));
  const isCalm = (at: number) => !troubled.some(({ from, to }) => at >= from && at <= to);
  const live = latencies(deployment, effects);
  return {
    items: ITEMS,
    tookMs: times.endedAt - times.startedAt,
    once: ofItems.size - twice.length,
    twiceFlagged: flagged,
    twiceUnflagged: twice.length - flagged,
    never: ITEMS - ofItems.size,
    aloneP99Ms: p99(live.filter(({ at }) => at < times.startedAt)),
    besideP99Ms: p99(live.filter(({ at }) => at >= times.startedAt && at <= times.endedAt && isCalm(at))),
  };
}

/** latencies are from the asking until the signal arrived, of what was answered 202 at once and had no delay. */
function latencies(
  deployment: Deployment,
  effects: readonly Effect[],
): readonly { readonly at: number; readonly tookMs: number }[] {
  const arrived = new Map<string, number>();
  for (const { key, at } of effects) if (!arrived.has(key)) arrived.set(key, at);
  const cancelled = new Set(deployment.producer.answers.filter(({ call }) => call === "cancel").map(({ key }) => key));
  const asked = Map.groupBy(deployment.producer.answers, ({ key }) => key);
  return [...asked].flatMap(([key, [first, ...more]]) => {
    const at = arrived.get(key);
    if (first === undefined || more.length > 0 || first.answer !== 202 || cancelled.has(key) || at === undefined)
      return [];
    return [{ at: first.at, tookMs: at - first.at }];
  });
}

function p99(live: readonly { readonly tookMs: number }[]): number {
  const sorted = live.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * 0.99) - 1)] ?? Number.NaN;
}

export const RUN_SCENARIOS: readonly Scenario[] = [
  {
    name: "run-killed-three-times",
    what: `a run of ${ITEMS.toLocaleString("en")} dead letters at ${RATE} a second beside live handoffs, with kill -9 of a worker, of admin and of Redis`,
    setting: {
      rate: { perSecond: 2_500, burst: 5_000 },
      env: { BATON_MAX_PENDING: "50000" },
      load: { requests: 3_000, perSecond: 30 },
    },
    prepare: letDie,
    async trouble(deployment) {
      await sleep(ALONE_MS);
      const startedAt = Date.now();
      const { id } = await deployment.operator.startRun("replay", { all: true, note: "chaos", ratePerSecond: RATE });
      await reached(deployment, id, WORKER_AT);
      await killProcess(deployment, "worker-1");
      await reached(deployment, id, ADMIN_AT);
      await killProcess(deployment, "admin");
      await reached(deployment, id, REDIS_AT);
      await killRedis(deployment);
      await waitUntil(
        async () => (await deployment.operator.run("replay", id).catch(() => undefined))?.status === "completed",
        RUN_MS,
      );
      deployment.runFacts = await factsOf(deployment, { startedAt, endedAt: Date.now() });
    },
  },
];
