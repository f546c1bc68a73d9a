/** Isolation: what a bad neighbour costs the others, ours and the peer's, in alternating turns of one run. */
import type { Kind } from "../contenders/contender.ts";
import { type Figure, figureOf, formatFigure, formatNumber } from "../figure.ts";
import type { Latencies } from "../latencies.ts";
import { atMost, markdownTable, type PartOptions, type Section } from "../section.ts";
import { isExact } from "../tally.ts";
import { FLAPPING, HANGING, PARKED, SEVERAL, type Trouble } from "./bad-neighbours.ts";
import { type IsolationTurn, measureIsolationTurn } from "./measure-turn.ts";

/**
 * The peer is measured beside the plainest trouble; ours also beside the worst, and beside those whose waiting is
 * Baton's own work.
 */
const RUNS: readonly { readonly kind: Kind; readonly trouble: Trouble }[] = [
  { kind: "baton", trouble: HANGING },
  { kind: "plain", trouble: HANGING },
  { kind: "baton", trouble: SEVERAL },
  { kind: "baton", trouble: PARKED },
  { kind: "baton", trouble: FLAPPING },
];
/** The least that goes through everything. */
const SMOKE = [HANGING, { ...PARKED, parked: 300 }, FLAPPING].map((trouble) => ({ kind: "baton", trouble }) as const);

/** Comparison is one run's, over all turns. Milliseconds. */
interface Comparison {
  readonly kind: Kind;
  readonly trouble: Trouble;
  readonly alone: Readonly<Record<keyof Latencies, Figure>>;
  readonly beside: Readonly<Record<keyof Latencies, Figure>>;
  /** arrive p99 beside trouble over alone. */
  readonly ratio: number;
}

export async function measureIsolation({ turns: count, seconds, smoke, say }: PartOptions): Promise<Section> {
  const turns: IsolationTurn[] = [];
  for (let turn = 0; turn < count; turn++) {
    for (const run of smoke ? SMOKE : RUNS) {
      const measured = await measureIsolationTurn({ ...run, seconds, smoke });
      say(
        `isolation, turn ${turn + 1}, ${run.kind}, ${run.trouble.name}: p99 ${ms(measured.alone.arriveP99Ms)} → ${ms(measured.beside.arriveP99Ms)}`,
      );
      turns.push(measured);
    }
  }
  const comparisons = RUNS.flatMap((run) => compare(run, turns));
  return {
    title: "Isolation",
    text: render(comparisons, { count, seconds }),
    targets: comparisons.filter(({ kind }) => kind === "baton").map(targetOf),
    faults: turns
      .filter(({ tally }) => !isExact(tally))
      .map(({ kind, trouble, tally }) => `${kind}, ${trouble}: ${JSON.stringify(tally)}`),
    figures: { comparisons, turns },
  };
}

function compare({ kind, trouble }: (typeof RUNS)[number], all: readonly IsolationTurn[]): readonly Comparison[] {
  const turns = all.filter((turn) => turn.kind === kind && turn.trouble === trouble.name);
  if (turns.length === 0) return [];
  const figures = (when: "alone" | "beside") => {
    const figure = (name: keyof Latencies) => figureOf(turns.map((turn) => turn[when][name]));
    return {
      acceptP50Ms: figure("acceptP50Ms"),
      acceptP99Ms: figure("acceptP99Ms"),
      arriveP50Ms: figure("arriveP50Ms"),
      arriveP99Ms: figure("arriveP99Ms"),
    };
  };
  const [alone, beside] = [figures("alone"), figures("beside")];
  return [{ kind, trouble, alone, beside, ratio: beside.arriveP99Ms.median / alone.arriveP99Ms.median }];
}

function targetOf({ trouble, ratio }: Comparison) {
  return atMost(`p99 of healthy connectors where ${trouble.name}, against alone`, ratio, { limit: 1.2, unit: "×" });
}

function render(
  comparisons: readonly Comparison[],
  { count, seconds }: { readonly count: number; readonly seconds: number },
): string {
  const rows = comparisons.map(({ kind, trouble, alone, beside, ratio }) => [
    `${kind === "baton" ? "Baton" : "peer"}, ${trouble.name}`,
    formatFigure(alone.arriveP50Ms),
    formatFigure(beside.arriveP50Ms),
    formatFigure(alone.arriveP99Ms),
    formatFigure(beside.arriveP99Ms),
    formatNumber(ratio),
  ]);
  const troubles = [HANGING, SEVERAL, PARKED, FLAPPING].map(({ name, what }) => `*${name}*: ${what}`).join(". ");
  return `Twenty connectors at Baton's default rate (20/s, 40 at once); the healthy ones send 5/s each. ${troubles}. Trouble has lasted for 10 s when its neighbours
are measured. Milliseconds from the instant at which a healthy connector's handoff was to be sent until the simulator has its signal's request,
${seconds} s a phase, ${count} turns, medians, least and most in brackets.

${markdownTable([["", "p50 alone", "p50 beside", "p99 alone", "p99 beside", "p99 beside / alone"], ...rows])}`;
}

function ms(value: number): string {
  return `${formatNumber(value)} ms`;
}
