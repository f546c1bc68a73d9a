/**
 * Open-loop load: sent by a timetable, whatever became of the earlier handoffs, and more a second than most machines
 * deliver at saturation.
 */
import { startBaton } from "../contenders/baton.ts";
import { type Figure, figureOf, formatFigure } from "../figure.ts";
import { latencies } from "../latencies.ts";
import { accepted, openRig, type Played } from "../rig.ts";
import { atLeast, atMost, markdownTable, type PartOptions, type Section, type Target } from "../section.ts";
import { cost, saturatingShape } from "../speed/measure-turn.ts";
import { isExact, type Tally, tally } from "../tally.ts";

const PER_SECOND = 3_000;
const SECONDS = 10;
const WARM_UP_MS = 4_000;
const SMOKE = { perSecond: 100, seconds: 1, warmUpMs: 500 };
/** None is refused for what waits: the whole load may wait. */
const ENV = { BATON_MAX_PENDING: "100000" };

/** TWENTY share the load at a rate that never binds; ONE has it to itself, and no rate. */
const TWENTY = { name: "twenty connectors", projects: 20 } as const;
const ONE = { name: "one connector, `rate: null`", projects: 1, rate: null } as const;

interface OpenTurn {
  readonly name: string;
  readonly deliveredPerSecond: number;
  readonly notDelivered: number;
  readonly acceptP50Ms: number;
  readonly acceptP99Ms: number;
  readonly arriveP50Ms: number;
  readonly arriveP99Ms: number;
  readonly cpuSeconds: number;
  readonly tally: Tally;
}

interface Offered {
  readonly perSecond: number;
  readonly seconds: number;
  readonly warmUpMs: number;
}

/** measureOpenLoop takes turns, each on a fresh Baton. */
export async function measureOpenLoop({ turns: count, smoke, say }: PartOptions): Promise<Section> {
  const offered = smoke ? SMOKE : { perSecond: PER_SECOND, seconds: SECONDS, warmUpMs: WARM_UP_MS };
  const turns: OpenTurn[] = [];
  for (let turn = 0; turn < count; turn++) {
    for (const run of turn % 2 === 0 ? [TWENTY, ONE] : [ONE, TWENTY]) {
      const measured = await measureTurn(run, offered);
      say(
        `open, turn ${turn + 1}, ${run.name}: ${measured.deliveredPerSecond.toFixed(0)}/s, ${measured.notDelivered} not delivered`,
      );
      turns.push(measured);
    }
  }
  const of = (name: string, read: (turn: OpenTurn) => number) =>
    figureOf(turns.filter((turn) => turn.name === name).map(read));
  return {
    title: "Offered in the open",
    text: render(of, offered),
    targets: targetsOf(of),
    faults: turns.filter((turn) => !isExact(turn.tally)).map((turn) => `${turn.name}: ${JSON.stringify(turn.tally)}`),
    figures: { turns },
  };
}

/** FigureOf all turns of one name. */
type FigureOf = (name: string, read: (turn: OpenTurn) => number) => Figure;

function targetsOf(of: FigureOf): readonly Target[] {
  const delivered = (name: string) => of(name, (turn) => turn.deliveredPerSecond).median;
  const alone = delivered(ONE.name) / delivered(TWENTY.name);
  return [
    atMost("offered to twenty connectors and not delivered", of(TWENTY.name, (turn) => turn.notDelivered).most, {
      limit: 0,
      unit: "",
    }),
    atMost("accept p99 meanwhile", of(TWENTY.name, (turn) => turn.acceptP99Ms).median, { limit: 50, unit: " ms" }),
    atLeast("delivered/s of one connector without a rate, against twenty", alone, { limit: 0.8, unit: "×" }),
  ];
}

async function measureTurn(
  { name, ...how }: typeof TWENTY | typeof ONE,
  { perSecond, seconds, warmUpMs }: Offered,
): Promise<OpenTurn> {
  await using rig = await openRig((options) => startBaton({ ...options, ...how, env: ENV }));
  await rig.play({ shape: saturatingShape(rig, warmUpMs) });
  const played = await rig.play({ shape: { kind: "rate", perSecond, count: perSecond * seconds } });
  return {
    name,
    deliveredPerSecond: deliveredPerSecond(played),
    notDelivered: perSecond * seconds - new Set(played.arrivals.map(({ contactId }) => contactId)).size,
    ...latencies(played),
    cpuSeconds: cost(rig, played).cpuSeconds,
    tally: tally(played.sent, played.arrivals),
  };
}

/** deliveredPerSecond from the first handoff's instant to the last one's arrival. */
function deliveredPerSecond(played: Played): number {
  const lastAt = played.arrivals.reduce((last, { at }) => Math.max(last, at), played.startedAt);
  return (accepted(played).length * 1_000) / (lastAt - played.startedAt);
}

function render(of: FigureOf, { perSecond, seconds }: Offered): string {
  const row = (name: string, read: (turn: OpenTurn) => number) => [
    name,
    formatFigure(of(TWENTY.name, read)),
    formatFigure(of(ONE.name, read)),
  ];
  return `${perSecond.toLocaleString("en-US")} handoffs a second for ${seconds} s, sent by a timetable, whatever became of the earlier ones; each turn on a fresh Baton that is
warm. Delivered/s counts from the first handoff's instant to the last one's arrival at the simulator. CPU is that of ingress, worker, admin and Redis.

${markdownTable([
  ["", TWENTY.name, ONE.name],
  row("delivered/s", (turn) => turn.deliveredPerSecond),
  row("not delivered", (turn) => turn.notDelivered),
  row("accept p50, ms", (turn) => turn.acceptP50Ms),
  row("accept p99, ms", (turn) => turn.acceptP99Ms),
  row("arrive p50, ms", (turn) => turn.arriveP50Ms),
  row("arrive p99, ms", (turn) => turn.arriveP99Ms),
  row("CPU s per thousand", (turn) => turn.cpuSeconds),
])}`;
}
