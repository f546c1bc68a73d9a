/** Workloads: what changes with many connectors at once, and with parameters as large as they may be. */
import { KINDS, type Kind } from "../contenders/contender.ts";
import { type Figure, figureOf, formatFigure, formatNumber } from "../figure.ts";
import { type Latencies, latencies } from "../latencies.ts";
import { LARGE_PARAMS, PARAMS } from "../load/phase.ts";
import { openRig } from "../rig.ts";
import { markdownTable, type PartOptions, type Section } from "../section.ts";
import { cost, deliveredPerSecond, PROJECTS, START, saturatingShape } from "../speed/measure-turn.ts";
import { addTallies, isExact, type Tally, tally } from "../tally.ts";

const PER_SECOND = 300;
const WARM_UP_MS = 4_000;
const FIRST_CLIENTS = 8;

interface Workload {
  readonly name: string;
  readonly projects: number;
  readonly params: Readonly<Record<string, string>>;
}

const WORKLOADS: readonly Workload[] = [
  { name: "20 connectors, four parameters of 20 bytes", projects: PROJECTS, params: PARAMS },
  { name: "200 connectors at once", projects: 200, params: PARAMS },
  { name: "nine parameters of 200 bytes", projects: PROJECTS, params: LARGE_PARAMS },
];

interface WorkloadTurn extends Latencies {
  readonly kind: Kind;
  readonly name: string;
  readonly cpuAtRate: number;
  readonly deliveredPerSecond: number;
  readonly cpuAtSaturation: number;
  readonly tally: Tally;
}

/** measureWorkloads takes turns, ours and the peer's, each fresh. */
export async function measureWorkloads({ turns: count, seconds, smoke, say }: PartOptions): Promise<Section> {
  const turns: WorkloadTurn[] = [];
  for (let turn = 0; turn < count; turn++) {
    for (const workload of WORKLOADS) {
      for (const kind of turn % 2 === 0 ? KINDS : KINDS.toReversed()) {
        const measured = await measureTurn(workload, { kind, seconds, warmUpMs: smoke ? 500 : WARM_UP_MS });
        say(
          `workloads, turn ${turn + 1}, ${kind}, ${workload.name}: ${measured.deliveredPerSecond.toFixed(0)}/s at saturation`,
        );
        turns.push(measured);
      }
    }
  }
  return {
    title: "Other workloads",
    text: render(turns, { seconds, count }),
    targets: [],
    faults: turns
      .filter((turn) => !isExact(turn.tally))
      .map(({ kind, name, tally: seen }) => `${kind}, ${name}: ${JSON.stringify(seen)}`),
    figures: { turns },
  };
}

interface TurnOptions {
  readonly kind: Kind;
  readonly seconds: number;
  readonly warmUpMs: number;
}

async function measureTurn(
  { name, projects, params }: Workload,
  { kind, seconds, warmUpMs }: TurnOptions,
): Promise<WorkloadTurn> {
  await using rig = await openRig((options) => START[kind]({ ...options, projects }));
  // Every connector has a token before the load begins.
  const first = await rig.play({ params, shape: { kind: "count", count: 2 * projects, clients: FIRST_CLIENTS } });
  const warm = await rig.play({ params, shape: saturatingShape(rig, warmUpMs) });
  const atRate = await rig.play({
    params,
    shape: { kind: "rate", perSecond: PER_SECOND, count: PER_SECOND * seconds },
  });
  const saturated = await rig.play({ params, shape: saturatingShape(rig, seconds * 1_000) });
  return {
    kind,
    name,
    ...latencies(atRate),
    cpuAtRate: cost(rig, atRate).cpuSeconds,
    deliveredPerSecond: deliveredPerSecond(saturated),
    cpuAtSaturation: cost(rig, saturated).cpuSeconds,
    tally: addTallies([first, warm, atRate, saturated].map((one) => tally(one.sent, one.arrivals))),
  };
}

const ROWS: readonly (readonly [string, (turn: WorkloadTurn) => number])[] = [
  [`accept p50 at ${PER_SECOND}/s, ms`, (turn) => turn.acceptP50Ms],
  [`accept p99 at ${PER_SECOND}/s, ms`, (turn) => turn.acceptP99Ms],
  [`arrive p50 at ${PER_SECOND}/s, ms`, (turn) => turn.arriveP50Ms],
  [`arrive p99 at ${PER_SECOND}/s, ms`, (turn) => turn.arriveP99Ms],
  [`CPU s per thousand at ${PER_SECOND}/s`, (turn) => turn.cpuAtRate],
  ["delivered/s at saturation", (turn) => turn.deliveredPerSecond],
  ["CPU s per thousand at saturation", (turn) => turn.cpuAtSaturation],
];

function render(
  turns: readonly WorkloadTurn[],
  { seconds, count }: { readonly seconds: number; readonly count: number },
): string {
  const of = (kind: Kind, name: string, read: (turn: WorkloadTurn) => number): Figure =>
    figureOf(turns.filter((turn) => turn.kind === kind && turn.name === name).map(read));
  const tables = WORKLOADS.map(({ name }) => {
    const rows = ROWS.map(([what, read]) => {
      const [ours, theirs] = [of("baton", name, read), of("plain", name, read)];
      return [what, formatFigure(ours), formatFigure(theirs), formatNumber(ours.median / theirs.median)];
    });
    return markdownTable([[name, "Baton", "peer", "Baton / peer"], ...rows]);
  });
  return `As under "Speed", ${count} turns each, alternating, ${seconds} s a phase; what is different stands at the head of each table.

${tables.join("\n\n")}`;
}
