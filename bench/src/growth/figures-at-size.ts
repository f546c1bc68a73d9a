/** Growth at one size: so many handoffs queued and as many dead letters, and what each thing costs then. */
import { setTimeout as sleep } from "node:timers/promises";
import { waitUntil } from "@baton/chaos/redis-server";
import { median } from "../figure.ts";
import { fillWithHandoffs, type Leftover } from "../fill/fill-with-handoffs.ts";
import { type Latencies, latencies } from "../latencies.ts";
import { usedBytes } from "../redis-figures.ts";
import type { Rig } from "../rig.ts";
import type { SlowCommands } from "../slow-log.ts";
import { addTallies, type Tally, tally } from "../tally.ts";
import { type Baton, type CallFigures, createAdminCaller } from "./admin-calls.ts";

export type GrowthRig = Rig<Baton>;

/**
 * Roles of the connectors, by number: the first `holders` are paused, and half of them hold what is queued, the others
 * what is dead; the next `live` take live handoffs; the last is resumed.
 */
export interface Roles {
  readonly holders: number;
  readonly live: number;
}

/** What is sent to the live ones meanwhile. */
const PER_SECOND = 50;
/** Every process knows of a pause after so long. Milliseconds. */
const HEARD_MS = 2_500;
/** RESUMED_RATE of the connector that is resumed: what waits lasts for longer than it is looked at. */
export const RESUMED_RATE = { perSecond: 200, burst: 200 };

export interface GrowthPlan extends Roles {
  /** What waits on the connector that is resumed. */
  readonly waiting: number;
  readonly seconds: number;
  /** How often each call is made. */
  readonly calls: number;
}

/** Pass is what everything cost once, at one size. */
export interface Pass {
  readonly calls: Readonly<Record<string, CallFigures>>;
  /** Live handoffs of other connectors, before and from the moment of the resume. Milliseconds. */
  readonly live: Latencies;
  readonly duringResume: Latencies;
  readonly slow: SlowCommands;
  readonly tally: Tally;
}

/** Filled is what it took to get to a size, and what is there then. */
export interface Filled {
  readonly size: number;
  readonly filledInS: number;
  readonly redisMiB: number;
  readonly slow: SlowCommands;
}

interface SlowLog {
  take(): Promise<SlowCommands>;
}

/** Growing: from so many of each that are there already, to so many. */
interface Growing {
  readonly plan: GrowthPlan;
  readonly from: number;
  readonly size: number;
  readonly slowLog: SlowLog;
}

/** fillTo leaves so many handoffs queued and as many dead letters, and what the first pass needs. */
export async function fillTo(rig: GrowthRig, { plan, from, size, slowLog }: Growing): Promise<Filled> {
  const { connectors, redis } = rig.contender;
  const { queued, dead } = holdersOf(connectors, plan);
  const startedAt = performance.now();
  await addHandoffs(rig, { leftover: "held", connectorIds: queued, count: size - from });
  // A connector has at least a page of them at every size.
  await addHandoffs(rig, { leftover: "dead", connectorIds: from === 0 ? dead.slice(0, 1) : dead, count: size - from });
  const filledInS = (performance.now() - startedAt) / 1_000;
  if (from === 0)
    await addHandoffs(rig, {
      leftover: "held",
      connectorIds: connectors.slice(-1).map(({ id }) => id),
      count: plan.waiting,
    });
  return { size, filledInS, redisMiB: (await usedBytes(redis)) / 2 ** 20, slow: await slowLog.take() };
}

/** holdersOf names the connectors that hold something, by what they hold. */
export function holdersOf(
  connectors: readonly { readonly id: string }[],
  { holders }: Roles,
): { readonly queued: readonly string[]; readonly dead: readonly string[] } {
  const ids = connectors.slice(0, holders).map(({ id }) => id);
  return { queued: ids.slice(0, holders / 2), dead: ids.slice(holders / 2) };
}

/** measurePass measures everything once, and puts back what that takes away. */
export async function measurePass(rig: GrowthRig, plan: GrowthPlan, slowLog: SlowLog): Promise<Pass> {
  const { connectors, tokens } = rig.contender;
  const shape = { kind: "rate", perSecond: PER_SECOND, count: PER_SECOND * plan.seconds } as const;
  const load = { tokens: tokens.slice(plan.holders, plan.holders + plan.live), shape };
  await slowLog.take();
  const quiet = await rig.playBeside(load);
  const { dead } = holdersOf(connectors, plan);
  const caller = createAdminCaller(rig.contender, dead[0] ?? "");
  const calls = await caller.measure(plan.calls);
  const { resume, resumed } = await resumeUnderLoad(rig, caller, load);
  const slow = await slowLog.take();
  await addHandoffs(rig, { leftover: "dead", connectorIds: dead.slice(0, 1), count: plan.calls });
  const left = Math.min(plan.waiting, RESUMED_RATE.burst + RESUMED_RATE.perSecond * plan.seconds);
  await addHandoffs(rig, { leftover: "held", connectorIds: connectors.slice(-1).map(({ id }) => id), count: left });
  return {
    calls: { ...calls, "resume of one connector": resume },
    live: latencies(quiet),
    duringResume: latencies(resumed),
    slow,
    tally: addTallies([quiet, resumed].map((one) => tally(one.sent, one.arrivals))),
  };
}

/** medianOf several passes at one size. */
export function medianOf(filled: Filled, passes: readonly Pass[]): FiguresAtSize {
  const figures = <T extends object>(read: (pass: Pass) => T): T => {
    const names = Object.keys(passes[0] === undefined ? {} : read(passes[0])) as (keyof T)[];
    return Object.fromEntries(names.map((name) => [name, median(passes.map((pass) => Number(read(pass)[name])))])) as T;
  };
  const names = Object.keys(passes[0]?.calls ?? {});
  const worst = passes
    .map(({ slow }) => slow)
    .toSorted((one, other) => (other.worst?.ms ?? 0) - (one.worst?.ms ?? 0))[0]?.worst;
  return {
    ...filled,
    passes: passes.length,
    calls: Object.fromEntries(names.map((name) => [name, figures((pass) => pass.calls[name] ?? NO_CALLS)])),
    live: figures(({ live }) => live),
    duringResume: figures(({ duringResume }) => duringResume),
    slow: {
      filling: filled.slow,
      measuring: {
        count: passes.reduce((sum, { slow }) => sum + slow.count, 0),
        ...(worst === undefined ? {} : { worst }),
      },
    },
    tally: addTallies(passes.map((pass) => pass.tally)),
  };
}

const NO_CALLS: CallFigures = { p50Ms: Number.NaN, p99Ms: Number.NaN };

/** FiguresAtSize is one size, with the medians of its passes. */
export interface FiguresAtSize extends Omit<Filled, "slow">, Omit<Pass, "slow"> {
  readonly passes: number;
  readonly slow: { readonly filling: SlowCommands; readonly measuring: SlowCommands };
}

interface Leave {
  readonly leftover: Leftover;
  readonly connectorIds: readonly string[];
  readonly count: number;
}

/** addHandoffs fills and waits until nothing is under way. */
export async function addHandoffs(rig: GrowthRig, { leftover, connectorIds, count }: Leave): Promise<void> {
  const { redis, env, children } = rig.contender;
  const order = {
    redisPort: redis.port,
    namespace: env.BATON_NAMESPACE,
    keyring: env.BATON_KEYRING,
    connectorIds,
    leftover,
    firstContact: rig.nextContacts(),
    count,
  };
  await fillWithHandoffs(order, children.worker);
}

/**
 * resumeUnderLoad resumes the last connector while the live ones go on, then pauses it again, and waits until every
 * process has seen it.
 */
async function resumeUnderLoad(
  rig: GrowthRig,
  caller: ReturnType<typeof createAdminCaller>,
  load: Parameters<Rig["playBeside"]>[0],
) {
  const { operator, connectors, simulator } = { ...rig.contender, simulator: rig.simulatorUrl };
  const [last] = connectors.slice(-1);
  if (last === undefined) throw new Error("there is no connector to resume");
  const before = await signalsAt(simulator);
  const resume = await caller.resume(last.id);
  const resumed = await rig.playBeside(load);
  await waitUntil(async () => (await signalsAt(simulator)) - before > resumed.sent.length);
  await operator.pauseConnector(last.id);
  await sleep(HEARD_MS);
  return { resume, resumed };
}

async function signalsAt(simulatorUrl: string): Promise<number> {
  const state = (await (await fetch(`${simulatorUrl}/__sim/state`)).json()) as {
    readonly signals: { readonly effective: number };
  };
  return state.signals.effective;
}
