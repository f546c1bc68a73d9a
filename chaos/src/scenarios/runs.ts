/** A run of many dead letters, over the deaths of a worker, of admin and of Redis. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Effect, RunFacts } from "../ledger.ts";
import { until } from "../redis-server.ts";
import type { Scenario } from "../scenario.ts";
import type { Stage } from "../stage.ts";
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

async function letDie(stage: Stage): Promise<void> {
  await stage.pause("at-least-once");
  for (let first = 0; first < ITEMS; first += PER_BATCH) {
    const batch = Array.from({ length: PER_BATCH }, (_, i) => ({
      contactId: String(FIRST_CONTACT + first + i),
      params: { p1: `run-${first + i}` },
      deadlineMs: DEADLINE_MS,
    }));
    const ids = await stage.sendBeside("at-least-once", batch);
    if (ids.length < PER_BATCH) throw new Error(`only ${ids.length} of a batch of ${PER_BATCH} were accepted`);
  }
  await until(async () => (await stage.operator.deadLetters()).total === ITEMS, DEATHS_MS);
  await stage.resume("at-least-once");
}

async function killMember(stage: Stage, name: string): Promise<void> {
  const member = stage.members.find((each) => each.name === name);
  if (member === undefined) throw new Error(`no member is called ${name}`);
  await stage.incident(`kill -9 of ${name}`, async () => {
    await member.child.kill();
    await sleep(RESTART_MS);
    await member.restart();
  });
}

/** reached waits until so large a part of the run is back in line; admin may be away meanwhile. */
async function reached(stage: Stage, id: string, part: number): Promise<void> {
  await until(async () => {
    const run = await stage.operator.run("replay", id).catch(() => undefined);
    return (run?.replayed ?? 0) >= part * ITEMS;
  }, RUN_MS);
}

/** factsOf counts how often each item was signalled, and whether those that were signalled twice say so. */
async function factsOf(
  stage: Stage,
  times: { readonly startedAt: number; readonly endedAt: number },
): Promise<RunFacts> {
  const effects = await stage.simulator.effects();
  const ofItems = Map.groupBy(
    effects.filter(({ key, effect }) => effect && key.startsWith("run-")),
    ({ contactId }) => contactId,
  );
  const twice = [...ofItems].filter(([, of]) => of.length > 1).map(([contactId]) => contactId);
  const handoffs = await Promise.all(
    twice.map(async (contactId) => (await stage.operator.handoffs({ contactId })).items),
  );
  const flagged = handoffs.filter((of) => of.every(({ possibleDuplicate }) => possibleDuplicate)).length;
  const troubled = stage.incidents.map(({ at, until: end }) => ({ from: at, to: end + TROUBLED_MS }));
  const isCalm = (at: number) => !troubled.some(({ from, to }) => at >= from && at <= to);
  const live = latencies(stage, effects);
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
  stage: Stage,
  effects: readonly Effect[],
): readonly { readonly at: number; readonly tookMs: number }[] {
  const arrived = new Map<string, number>();
  for (const { key, at } of effects) if (!arrived.has(key)) arrived.set(key, at);
  const cancelled = new Set(stage.producer.answers.filter(({ call }) => call === "cancel").map(({ key }) => key));
  const asked = Map.groupBy(stage.producer.answers, ({ key }) => key);
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
    async trouble(stage) {
      await sleep(ALONE_MS);
      const startedAt = Date.now();
      const { id } = await stage.operator.startRun("replay", { all: true, note: "chaos", ratePerSecond: RATE });
      await reached(stage, id, WORKER_AT);
      await killMember(stage, "worker-1");
      await reached(stage, id, ADMIN_AT);
      await killMember(stage, "admin");
      await reached(stage, id, REDIS_AT);
      await killRedis(stage);
      await until(
        async () => (await stage.operator.run("replay", id).catch(() => undefined))?.status === "completed",
        RUN_MS,
      );
      stage.runFacts = await factsOf(stage, { startedAt, endedAt: Date.now() });
    },
  },
];
