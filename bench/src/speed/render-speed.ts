/** The speed section in words and tables. */
import { type Figure, formatFigure, formatNumber } from "../figure.ts";
import { markdownTable } from "../section.ts";
import type { Tally } from "../tally.ts";
import { PROJECTS } from "./measure-turn.ts";
import type { KindSummary, SpeedSummary } from "./summarize.ts";

export interface SpeedRun {
  readonly turns: number;
  readonly seconds: number;
  readonly tally: Tally;
}

/** renderSpeed writes Markdown. */
export function renderSpeed(summary: SpeedSummary, run: SpeedRun): string {
  return [method(run), latencyTable(summary), costTable(summary), memoryTable(summary)].join("\n\n");
}

function method({ turns, seconds, tally }: SpeedRun): string {
  return `${turns} turns each, alternating; each turn starts a fresh Redis, simulator, load generator and contender
  (ingress and worker, ours
also admin, each a process of its own), warms it up, and plays every rate for ${seconds} s over ${PROJECTS} projects.
Medians of the turns, least and most
in brackets. Latency counts from the instant at which a handoff was to be sent (open loop): *accept* until its 202,
*arrive* until the
simulator has its signal's request. Saturation: 64 callers, each sends its next handoff once the last is answered, and
waits while 1,000
accepted ones have not arrived. CPU is user and system time of ingress, worker, admin and Redis together. Commands
are counted by Redis (INFO commandstats); who sent which is seen by MONITOR, in a phase of its own.
${tally.accepted.toLocaleString("en-US")} handoffs were
accepted: missing ${tally.missing}, arrived twice ${tally.twice}, arrived though not accepted ${tally.strange}.`;
}

function latencyTable({ baton, plain }: SpeedSummary): string {
  const rows = baton.rates.flatMap((ours, index) => {
    const theirs = plain.rates[index];
    if (theirs === undefined) return [];
    const name = `${ours.perSecond}/s`;
    return [
      compared(`${name}: accept p50, ms`, ours.acceptP50Ms, theirs.acceptP50Ms),
      compared(`${name}: accept p99, ms`, ours.acceptP99Ms, theirs.acceptP99Ms),
      compared(`${name}: arrive p50, ms`, ours.arriveP50Ms, theirs.arriveP50Ms),
      compared(`${name}: arrive p99, ms`, ours.arriveP99Ms, theirs.arriveP99Ms),
    ];
  });
  return markdownTable([HEAD, ...rows]);
}

function costTable({ baton, plain }: SpeedSummary): string {
  const rates = baton.rates.flatMap((ours, index) => {
    const theirs = plain.rates[index];
    return theirs === undefined
      ? []
      : [compared(`CPU s per thousand at ${ours.perSecond}/s`, ours.cpuSeconds, theirs.cpuSeconds)];
  });
  const processes = Object.keys(baton.cpuByProcessAtSaturation).map((name) =>
    compared(BESIDE[name] ?? `– of it ${name}`, processFigure(baton, name), processFigure(plain, name)),
  );
  return markdownTable([
    HEAD,
    compared("delivered/s at saturation", baton.deliveredPerSecond, plain.deliveredPerSecond),
    ...rates,
    compared("CPU s per thousand at saturation", baton.cpuSecondsAtSaturation, plain.cpuSecondsAtSaturation),
    ...processes,
    compared("Redis commands sent per handoff at 300/s", baton.sentAt300, plain.sentAt300),
    compared("– at saturation", baton.sentAtSaturation, plain.sentAtSaturation),
    compared("– with those inside scripts, at saturation", baton.commandsAtSaturation, plain.commandsAtSaturation),
  ]);
}

function processFigure({ cpuByProcessAtSaturation }: KindSummary, name: string): Figure {
  return cpuByProcessAtSaturation[name] ?? { median: Number.NaN, least: Number.NaN, most: Number.NaN };
}

function memoryTable({ baton, plain }: SpeedSummary): string {
  const rows = Object.keys(baton.restMiB).map((name) => [
    name,
    cell(baton.restMiB[name]),
    cell(baton.loadedMiB[name]),
    cell(plain.restMiB[name]),
    cell(plain.loadedMiB[name]),
  ]);
  return markdownTable([
    ["resident memory, MiB", "Baton, at rest", "after saturation", "peer, at rest", "after saturation"],
    ...rows,
  ]);
}

/** What makes and takes the load costs both alike, and is in neither sum. */
const BESIDE: Readonly<Record<string, string>> = {
  simulator: "beside it, the simulator",
  load: "beside it, the load generator",
};

const HEAD = ["", "Baton", "peer", "Baton / peer"];

function compared(name: string, ours: Figure, theirs: Figure): readonly string[] {
  return [name, formatFigure(ours), formatFigure(theirs), formatNumber(ours.median / theirs.median)];
}

function cell(figure: Figure | undefined): string {
  return figure === undefined ? "–" : formatNumber(figure.median);
}
