/** Scale: one Redis beside a cluster of three masters, one worker beside two, and what the model says of them. */
import { availableParallelism } from "node:os";
import { startBaton } from "../contenders/baton.ts";
import { figureOf, formatFigure, formatNumber, median } from "../figure.ts";
import { usedBytes } from "../redis-figures.ts";
import { accepted, openRig } from "../rig.ts";
import { markdownTable, type PartOptions, type Section } from "../section.ts";
import { cost, deliveredPerSecond, PROJECTS, saturatingShape } from "../speed/measure-turn.ts";
import { addTallies, isExact, type Tally, tally } from "../tally.ts";
import { capacityOf, type UnitCost } from "./capacity-model.ts";

interface Variant {
  readonly name: string;
  readonly masters: number;
  readonly workers: number;
}

/** The first is what the model takes its costs from; the others are what it is checked against. */
const VARIANTS: readonly Variant[] = [
  { name: "one Redis, one worker", masters: 1, workers: 1 },
  { name: "three masters, one worker", masters: 3, workers: 1 },
  { name: "three masters, two workers", masters: 3, workers: 2 },
];
const WARM_UP_MS = 4_000;

interface Turn extends UnitCost {
  readonly name: string;
  readonly deliveredPerSecond: number;
  /** What a delivered handoff takes on the first master, with all others' on the others. */
  readonly bytesPerDelivered: number;
  readonly tally: Tally;
}

/** measureScale takes turns, each on a fresh Baton. */
export async function measureScale({ turns: count, seconds, smoke, say }: PartOptions): Promise<Section> {
  const turns: Turn[] = [];
  for (let turn = 0; turn < count; turn++) {
    for (const variant of turn % 2 === 0 ? VARIANTS : VARIANTS.toReversed()) {
      const measured = await measureTurn(variant, { seconds, warmUpMs: smoke ? 500 : WARM_UP_MS });
      say(`scale, turn ${turn + 1}, ${variant.name}: ${measured.deliveredPerSecond.toFixed(0)}/s`);
      turns.push(measured);
    }
  }
  return {
    title: "Scale",
    text: render(turns, { count, seconds }),
    targets: [],
    faults: turns.filter((turn) => !isExact(turn.tally)).map((turn) => `${turn.name}: ${JSON.stringify(turn.tally)}`),
    figures: { turns, modelled: VARIANTS.map((variant) => ({ name: variant.name, ...modelled(variant, turns) })) },
  };
}

async function measureTurn(
  { name, masters, workers }: Variant,
  { seconds, warmUpMs }: { readonly seconds: number; readonly warmUpMs: number },
): Promise<Turn> {
  await using rig = await openRig((options) => startBaton({ ...options, projects: PROJECTS, masters, workers }));
  const warm = await rig.play({ shape: saturatingShape(rig, warmUpMs) });
  const before = await usedBytes(rig.contender.redis);
  const played = await rig.play({ shape: saturatingShape(rig, seconds * 1_000) });
  const bytes = (await usedBytes(rig.contender.redis)) - before;
  const { cpuByProcess } = cost(rig, played);
  const sum = (kind: string) =>
    Object.entries(cpuByProcess)
      .filter(([process]) => process === kind || process.startsWith(`${kind}-`))
      .reduce((total, [, cpuSeconds]) => total + cpuSeconds, 0);
  return {
    name,
    deliveredPerSecond: deliveredPerSecond(played),
    bytesPerDelivered: bytes / accepted(played).length,
    redis: sum("redis"),
    ingress: sum("ingress"),
    worker: sum("worker"),
    beside: sum("admin") + sum("simulator") + sum("load"),
    tally: addTallies([warm, played].map((one) => tally(one.sent, one.arrivals))),
  };
}

/** modelled is what the costs of the first variant let one expect of a variant. */
function modelled({ masters, workers }: Variant, turns: readonly Turn[]) {
  const of = (kind: keyof UnitCost) =>
    median(turns.filter(({ name }) => name === VARIANTS[0]?.name).map((turn) => turn[kind]));
  const unit = { redis: of("redis"), ingress: of("ingress"), worker: of("worker"), beside: of("beside") };
  return capacityOf({ masters, ingresses: 1, workers, cores: availableParallelism() }, unit);
}

function render(
  turns: readonly Turn[],
  { count, seconds }: { readonly count: number; readonly seconds: number },
): string {
  const rows = VARIANTS.map((variant) => {
    const own = turns.filter(({ name }) => name === variant.name);
    const figure = (read: (turn: Turn) => number) => figureOf(own.map(read));
    const delivered = figure((turn) => turn.deliveredPerSecond);
    const { perSecond, limit } = modelled(variant, turns);
    const costs = (["redis", "ingress", "worker", "beside"] as const).map((kind) =>
      formatFigure(figure((turn) => turn[kind])),
    );
    return [
      variant.name,
      formatFigure(delivered),
      `${formatNumber(perSecond)} (${limit})`,
      formatNumber(delivered.median / perSecond),
      ...costs,
    ];
  });
  const alone = turns.filter(({ name }) => name === VARIANTS[0]?.name);
  const bytes = formatNumber(median(alone.map(({ bytesPerDelivered }) => bytesPerDelivered)));
  const head = [
    "",
    "delivered/s",
    "model, and what binds",
    "measured / model",
    "Redis",
    "ingress",
    "workers",
    "beside",
  ];
  return `Saturation for ${seconds} s over ${PROJECTS} connectors, ${count} turns, each on a fresh Baton with one
ingress; in the cluster a shard lies on each master. All processes share ${availableParallelism()} cores, *beside* them
admin, the simulator and the load generator: what more masters and workers could do with cores of their own does not
show here, but what a handoff costs them does. Costs are CPU seconds per thousand handoffs. Medians, least and most in
brackets. The model ([scale](scale.md)) takes its costs from the first row. A delivered handoff takes ${bytes} bytes of
Redis until it is removed.

${markdownTable([head, ...rows])}`;
}
