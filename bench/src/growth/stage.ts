/** One stage of growth: so many handoffs queued and as many dead letters, and what each thing costs then. */
import { until } from "@baton/chaos/redis-server";
import type { startBaton } from "../contenders/baton.ts";
import { fill } from "../fill/fill.ts";
import type { Leftover } from "../fill/order.ts";
import { type Latencies, latencies } from "../latencies.ts";
import { usedBytes } from "../redis-figures.ts";
import type { Rig } from "../rig.ts";
import type { SlowCommands } from "../slow-log.ts";
import { addTallies, type Tally, tally } from "../tally.ts";
import { type CallFigures, createCaller } from "./calls.ts";

export type Baton = Awaited<ReturnType<typeof startBaton>>;
export type GrowthRig = Rig<Baton>;

/** Roles of the connectors, by number: the first `holders` are paused and hold what is queued and dead, the next `live` take live handoffs, the last is resumed. */
export interface Roles {
  readonly holders: number;
  readonly live: number;
}

/** What is sent to the live ones meanwhile. */
const PER_SECOND = 50;

export interface StagePlan extends Roles {
  /** Handoffs queued, and dead letters. */
  readonly size: number;
  /** What waits on the connector that is resumed. */
  readonly waiting: number;
  readonly seconds: number;
  /** How often each call is made. */
  readonly calls: number;
}

export interface Stage {
  readonly size: number;
  readonly filledInS: number;
  readonly redisMiB: number;
  readonly calls: Readonly<Record<string, CallFigures>>;
  /** Live handoffs of other connectors, before and from the moment of the resume. Milliseconds. */
  readonly live: Latencies;
  readonly duringResume: Latencies;
  readonly slow: { readonly filling: SlowCommands; readonly measuring: SlowCommands };
  readonly tally: Tally;
}

interface Grown {
  readonly plan: StagePlan;
  /** How many of each are there already. */
  readonly from: number;
  readonly slowLog: { take(): Promise<SlowCommands> };
}

/** playStage fills up to the plan's size, then measures. */
export async function playStage(rig: GrowthRig, { plan, from, slowLog }: Grown): Promise<Stage> {
  const { connectors, tokens, redis } = rig.contender;
  const live = tokens.slice(plan.holders, plan.holders + plan.live);
  const holders = connectors.slice(0, plan.holders).map(({ id }) => id);
  const last = connectors.slice(-1).map(({ id }) => id);
  const startedAt = performance.now();
  await leave(rig, { leftover: "held", connectorIds: holders, count: plan.size - from });
  // Whoever has few has them in one place: a page of the first connector's is a whole page at every stage.
  await leave(rig, { leftover: "dead", connectorIds: from === 0 ? holders.slice(0, 1) : holders, count: plan.size - from });
  const filledInS = (performance.now() - startedAt) / 1_000;
  await leave(rig, { leftover: "held", connectorIds: last, count: plan.waiting });
  const filling = await slowLog.take();
  const load = { tokens: live, shape: { kind: "rate", perSecond: PER_SECOND, count: PER_SECOND * plan.seconds } } as const;

  const quiet = await rig.playBeside(load);
  const caller = createCaller(rig.contender);
  const calls = await caller.measure(plan.calls);
  const { resume, resumed } = await resumeUnderLoad(rig, caller, load);
  return {
    size: plan.size,
    filledInS,
    redisMiB: (await usedBytes(redis)) / 2 ** 20,
    calls: { ...calls, "resume of one connector": resume },
    live: latencies(quiet),
    duringResume: latencies(resumed),
    slow: { filling, measuring: await slowLog.take() },
    tally: addTallies([quiet, resumed].map((one) => tally(one.sent, one.arrivals))),
  };
}

interface Leave {
  readonly leftover: Leftover;
  readonly connectorIds: readonly string[];
  readonly count: number;
}

/** leave fills and waits until nothing is under way. */
export async function leave(rig: GrowthRig, { leftover, connectorIds, count }: Leave): Promise<void> {
  const { redis, env } = rig.contender;
  await fill({
    redisPort: redis.port,
    namespace: env.BATON_NAMESPACE,
    keyring: env.BATON_KEYRING,
    connectorIds,
    leftover,
    firstContact: rig.nextContacts(),
    count,
  });
}

/** resumeUnderLoad resumes the last connector while the live ones go on, then pauses it again: the next stage takes longer to fill than a pause to be heard of. */
async function resumeUnderLoad(rig: GrowthRig, caller: ReturnType<typeof createCaller>, load: Parameters<Rig["playBeside"]>[0]) {
  const { operator, connectors, simulator } = { ...rig.contender, simulator: rig.simulatorUrl };
  const [last] = connectors.slice(-1);
  if (last === undefined) throw new Error("there is no connector to resume");
  const before = await signalsAt(simulator);
  const resume = await caller.resume(last.id);
  const resumed = await rig.playBeside(load);
  await until(async () => (await signalsAt(simulator)) - before > resumed.sent.length);
  await operator.pauseConnector(last.id);
  return { resume, resumed };
}

async function signalsAt(simulatorUrl: string): Promise<number> {
  const state = (await (await fetch(`${simulatorUrl}/__sim/state`)).json()) as { readonly signals: { readonly effective: number } };
  return state.signals.effective;
}
