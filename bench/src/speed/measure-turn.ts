/** One turn of the speed figures: a fresh contender, warmed up, at each rate and at saturation. */
import { setTimeout as sleep } from "node:timers/promises";
import { startBaton } from "../contenders/baton.ts";
import type { Kind } from "../contenders/contender.ts";
import { startPlain } from "../contenders/plain.ts";
import { arriveQuantiles, type Latencies, latencies, type Quantile } from "../latencies.ts";
import type { Shape } from "../load/phase.ts";
import { sentOf, sumOf, watchOrigins } from "../redis-figures.ts";
import { accepted, openRig, type Played, type Rig, residentMiB } from "../rig.ts";
import { addTallies, type Tally, tally } from "../tally.ts";

/** Connectors of ours and projects of the peer: the load is spread over so many. */
export const PROJECTS = 20;
/** What every process needs to compile its hot paths. Milliseconds. */
const WARM_UP_MS = 4_000;
/** Without load, before the processes' memory at rest is read. Milliseconds. */
const REST_MS = 1_500;
/** Saturation: callers at once, and how many accepted ones may lie before the worker. */
const CLIENTS = 64;
const BACKLOG = 1_000;
/** The first part of a saturated phase fills the queue, and is not counted. */
const RAMP = 0.2;
/** Redis's commands are counted one by one over so many handoffs at this rate, in a phase of their own. */
const COUNTED = { kind: "rate", perSecond: 300, count: 300 } as const;

export interface TurnOptions {
  readonly kind: Kind;
  readonly rates: readonly number[];
  readonly seconds: number;
  readonly warmUpMs?: number;
  readonly restMs?: number;
}

/** Cost of a thousand handoffs, but for commands. */
export interface Cost {
  /** CPU seconds of the contender's processes and its Redis together. */
  readonly cpuSeconds: number;
  /** CPU seconds by process; simulator and load generator beside them, for both contenders alike. */
  readonly cpuByProcess: Readonly<Record<string, number>>;
  /** Redis commands per handoff, those inside scripts among them (INFO commandstats). */
  readonly commands: number;
}

export interface RateFigures extends Cost, Latencies {
  readonly perSecond: number;
  /** For the chart. */
  readonly arriveQuantiles: readonly Quantile[];
}

export interface SpeedTurn {
  readonly kind: Kind;
  readonly rates: readonly RateFigures[];
  readonly saturation: Cost & { readonly deliveredPerSecond: number };
  /**
   * Commands that processes send to Redis per handoff, a script counted as one: at 300/s, each seen by MONITOR, and at
   * saturation.
   */
  readonly sent: { readonly at300: number; readonly atSaturation: number };
  /** Resident memory by process, MiB: before any load, and right after saturation. */
  readonly memory: {
    readonly rest: Readonly<Record<string, number>>;
    readonly loaded: Readonly<Record<string, number>>;
  };
  readonly tally: Tally;
}

/** measureTurn starts and ends everything it needs. */
export async function measureTurn({
  kind,
  rates,
  seconds,
  warmUpMs = WARM_UP_MS,
  restMs = REST_MS,
}: TurnOptions): Promise<SpeedTurn> {
  await using rig = await openRig((options) => START[kind]({ ...options, projects: PROJECTS }));
  await sleep(restMs);
  const rest = memoryOf(rig);
  const warm = await rig.play({ shape: saturatingShape(rig, warmUpMs) });
  const played: Played[] = [];
  for (const perSecond of rates)
    played.push(await rig.play({ shape: { kind: "rate", perSecond, count: perSecond * seconds } }));
  const saturated = await rig.play({ shape: saturatingShape(rig, seconds * 1_000) });
  const loaded = memoryOf(rig);
  const counted: Played[] = [];
  const origins = await watchOrigins(rig.contender.redis.port, async () =>
    counted.push(await rig.play({ shape: COUNTED })),
  );
  return {
    kind,
    rates: played.map((one, index) => ({
      perSecond: rates[index] ?? Number.NaN,
      ...latencies(one),
      arriveQuantiles: arriveQuantiles(one),
      ...cost(rig, one),
    })),
    saturation: { deliveredPerSecond: deliveredPerSecond(saturated), ...cost(rig, saturated) },
    sent: {
      at300: sumOf(origins.sent) / COUNTED.count,
      // MONITOR does not run then: what a command's origin was at 300/s, it is taken to be here.
      atSaturation: sentOf(saturated.commands, origins) / accepted(saturated).length,
    },
    memory: { rest, loaded },
    tally: addTallies([warm, ...played, saturated, ...counted].map((one) => tally(one.sent, one.arrivals))),
  };
}

/** START of each contender. */
export const START = { baton: startBaton, plain: startPlain };

/** saturatingShape is the closed loop that keeps everything busy. */
export function saturatingShape(rig: Pick<Rig, "simulatorUrl">, durationMs: number): Shape {
  return { kind: "saturate", durationMs, clients: CLIENTS, backlog: BACKLOG, simulatorUrl: rig.simulatorUrl };
}

function memoryOf({ contender }: Rig): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(contender.pids).map(([name, pid]) => [name, residentMiB(pid)]));
}

/** cost of what was played. */
export function cost({ contender }: Rig, played: Played): Cost {
  const thousands = accepted(played).length / 1_000;
  const cpuByProcess = Object.fromEntries(
    Object.entries(played.cpu).map(([name, seconds]) => [name, seconds / thousands]),
  );
  const own = Object.keys(contender.pids).map((name) => cpuByProcess[name] ?? 0);
  return {
    cpuSeconds: own.reduce((sum, seconds) => sum + seconds, 0),
    cpuByProcess,
    commands: sumOf(played.commands) / thousands / 1_000,
  };
}

/** deliveredPerSecond counts what arrived between the ramp's end and the last caller's answer. */
export function deliveredPerSecond({ startedAt, endedAt, arrivals }: Played): number {
  const from = startedAt + (endedAt - startedAt) * RAMP;
  const within = arrivals.filter(({ at }) => at >= from && at < endedAt).length;
  return (within * 1_000) / (endedAt - from);
}
