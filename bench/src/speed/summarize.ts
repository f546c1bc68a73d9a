/** Medians of the turns. */
import { KINDS, type Kind } from "../contenders/contender.ts";
import { type Figure, figureOf } from "../figure.ts";
import type { Cost, SpeedTurn } from "./measure-turn.ts";

/** RateSummary is one rate's, all in milliseconds but the costs of a thousand handoffs, and commands per handoff. */
export interface RateSummary {
  readonly perSecond: number;
  readonly acceptP50Ms: Figure;
  readonly acceptP99Ms: Figure;
  readonly arriveP50Ms: Figure;
  readonly arriveP99Ms: Figure;
  readonly cpuSeconds: Figure;
  readonly commands: Figure;
}

export interface KindSummary {
  readonly rates: readonly RateSummary[];
  readonly deliveredPerSecond: Figure;
  readonly cpuSecondsAtSaturation: Figure;
  readonly cpuByProcessAtSaturation: Readonly<Record<string, Figure>>;
  readonly commandsAtSaturation: Figure;
  readonly sentAt300: Figure;
  readonly sentAtSaturation: Figure;
  readonly restMiB: Readonly<Record<string, Figure>>;
  readonly loadedMiB: Readonly<Record<string, Figure>>;
}

export type SpeedSummary = Readonly<Record<Kind, KindSummary>>;

export function summarize(turns: readonly SpeedTurn[]): SpeedSummary {
  const of = (kind: Kind) => summarizeKind(turns.filter((turn) => turn.kind === kind));
  const [ours, peer] = KINDS;
  return { [ours]: of(ours), [peer]: of(peer) } as SpeedSummary;
}

function summarizeKind(turns: readonly SpeedTurn[]): KindSummary {
  const figure = (read: (turn: SpeedTurn) => number) => figureOf(turns.map(read));
  const [first] = turns;
  if (first === undefined) throw new Error("there were no turns");
  const byProcess = (read: (turn: SpeedTurn) => Cost["cpuByProcess"]) =>
    Object.fromEntries(
      Object.keys(read(first)).map((name) => [name, figure((turn) => read(turn)[name] ?? Number.NaN)]),
    );
  return {
    rates: first.rates.map(({ perSecond }, index) =>
      summarizeRate(perSecond, (name) => figure((turn) => turn.rates[index]?.[name] ?? Number.NaN)),
    ),
    deliveredPerSecond: figure(({ saturation }) => saturation.deliveredPerSecond),
    cpuSecondsAtSaturation: figure(({ saturation }) => saturation.cpuSeconds),
    cpuByProcessAtSaturation: byProcess(({ saturation }) => saturation.cpuByProcess),
    commandsAtSaturation: figure(({ saturation }) => saturation.commands),
    sentAt300: figure(({ sent }) => sent.at300),
    sentAtSaturation: figure(({ sent }) => sent.atSaturation),
    restMiB: byProcess(({ memory }) => memory.rest),
    loadedMiB: byProcess(({ memory }) => memory.loaded),
  };
}

function summarizeRate(
  perSecond: number,
  figure: (name: Exclude<keyof RateSummary, "perSecond">) => Figure,
): RateSummary {
  return {
    perSecond,
    acceptP50Ms: figure("acceptP50Ms"),
    acceptP99Ms: figure("acceptP99Ms"),
    arriveP50Ms: figure("arriveP50Ms"),
    arriveP99Ms: figure("arriveP99Ms"),
    cpuSeconds: figure("cpuSeconds"),
    commands: figure("commands"),
  };
}
