/** Runs: what a replay of many dead letters costs the live handoffs of the same connector. */
import { type Figure, figureOf, formatFigure, formatNumber } from "../figure.ts";
import type { Latencies } from "../latencies.ts";
import { atMost, markdownTable, type PartOptions, type Section, type Target } from "../section.ts";
import { addTallies, isExact, type Tally } from "../tally.ts";
import { CONNECTOR_RATE, LIVE_PER_SECOND, measureRunTurn, RUN_RATES, type RunTurn } from "./measure-turn.ts";

const ITEMS = 10_000;
const SMOKE_ITEMS = 1_000;
/** No command of Redis may take longer while a run goes on. Milliseconds. */
const MAX_COMMAND_MS = 20;

/** Comparison is live handoffs in one case, over all turns. */
interface Comparison {
  readonly name: string;
  readonly figures: Readonly<Record<keyof Latencies, Figure>>;
}

export async function measureRuns({ turns: count, seconds, smoke, items: asked, say }: PartOptions): Promise<Section> {
  const items = asked ?? (smoke ? SMOKE_ITEMS : ITEMS);
  const turns: RunTurn[] = [];
  for (let turn = 0; turn < count; turn++) {
    const measured = await measureRunTurn({ items, seconds, smoke });
    const p99s = [measured.alone, ...measured.beside.map(({ live }) => live)].map((of) => formatNumber(of.arriveP99Ms));
    say(`runs, turn ${turn + 1}: live p99 ${p99s.join(" → ")} ms, the run took ${measured.runS.toFixed(0)} s`);
    turns.push(measured);
  }
  const alone = compare("alone", turns, ({ alone: of }) => of);
  const beside = RUN_RATES.map((rate, index) =>
    compare(`beside a run at ${rate}/s`, turns, (turn) => turn.beside[index]?.live ?? turn.alone),
  );
  const total = addTallies(turns.map((turn) => turn.items));
  return {
    title: "Runs",
    text: render([alone, ...beside], { turns, seconds, items, total }),
    targets: targetsOf(alone, beside, turns),
    faults: turns.flatMap(({ tally, items: own }) =>
      isExact(tally) && isExact(own) ? [] : [`live ${JSON.stringify(tally)}, items ${JSON.stringify(own)}`],
    ),
    figures: { turns, total },
  };
}

function compare(name: string, turns: readonly RunTurn[], of: (turn: RunTurn) => Latencies): Comparison {
  const figure = (member: keyof Latencies) => figureOf(turns.map((turn) => of(turn)[member]));
  return {
    name,
    figures: {
      acceptP50Ms: figure("acceptP50Ms"),
      acceptP99Ms: figure("acceptP99Ms"),
      arriveP50Ms: figure("arriveP50Ms"),
      arriveP99Ms: figure("arriveP99Ms"),
    },
  };
}

function targetsOf(alone: Comparison, beside: readonly Comparison[], turns: readonly RunTurn[]): readonly Target[] {
  const p99 = ({ figures }: Comparison) => figures.arriveP99Ms.median;
  return [
    ...beside.map((each) =>
      atMost(`p99 of live handoffs ${each.name} of their connector, against alone`, p99(each) / p99(alone), {
        limit: 1.5,
        unit: "×",
      }),
    ),
    atMost("longest command of Redis while a run is planned and goes on", longestMs(turns), {
      limit: MAX_COMMAND_MS,
      unit: " ms",
    }),
  ];
}

/** Below what the slow log keeps, it counts as nothing. */
function longestMs(turns: readonly RunTurn[]): number {
  return Math.max(0, ...turns.map(({ slow }) => slow.worst?.ms ?? 0));
}

interface MeasuredRuns {
  readonly turns: readonly RunTurn[];
  readonly seconds: number;
  readonly items: number;
  readonly total: Tally;
}

function render(comparisons: readonly Comparison[], { turns, seconds, items, total }: MeasuredRuns): string {
  const [alone] = comparisons;
  const rows = comparisons.map(({ name, figures }) => [
    name,
    formatFigure(figures.acceptP50Ms),
    formatFigure(figures.acceptP99Ms),
    formatFigure(figures.arriveP50Ms),
    formatFigure(figures.arriveP99Ms),
    formatNumber(figures.arriveP99Ms.median / (alone?.figures.arriveP99Ms.median ?? Number.NaN)),
  ]);
  const { accepted, missing, twice } = total;
  const once = accepted - missing - twice;
  return `One connector with a rate of ${CONNECTOR_RATE.perSecond}/s and ${items.toLocaleString("en-US")} dead letters takes ${LIVE_PER_SECOND} live handoffs a second: alone, then while
one run replays the dead letters. At ${RUN_RATES.join("/s and ")}/s: the first is a run's default, the second is more than the live ones leave of the
connector's rate. Milliseconds from the instant at which a live handoff was to be sent; ${seconds} s a phase, ${turns.length} turns of a fresh Baton each,
medians, least and most in brackets. Then the rest of the run is sent as fast as it goes, and all of it is counted.

${markdownTable([["live handoffs", "accept p50", "accept p99", "arrive p50", "arrive p99", "p99 / alone"], ...rows])}

Of ${accepted.toLocaleString("en-US")} items of all runs, ${once.toLocaleString("en-US")} were signalled once, ${twice} more than once, ${missing} never.`;
}
