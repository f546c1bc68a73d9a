/** Traces: what a handoff costs more with its spans, in alternating turns of one run. */
import { setTimeout as sleep } from "node:timers/promises";
import getPort from "get-port";
import { startBaton } from "../contenders/baton.ts";
import { startNode } from "../contenders/start-node.ts";
import { figureOf, formatFigure, formatNumber } from "../figure.ts";
import { type Latencies, latencies } from "../latencies.ts";
import { openRig, type Rig } from "../rig.ts";
import { markdownTable, type PartOptions, type Section } from "../section.ts";
import { type Cost, cost, deliveredPerSecond, PROJECTS, saturatingShape } from "../speed/measure-turn.ts";
import { addTallies, isExact, type Tally, tally } from "../tally.ts";

const MODES = ["off", "on"] as const;
type Mode = (typeof MODES)[number];

const PER_SECOND = 300;
const WARM_UP_MS = 4_000;
/** The last spans have left after so long. Milliseconds. */
const EXPORTED_MS = 2_000;

interface Turn {
  readonly mode: Mode;
  readonly atRate: Cost & Latencies;
  readonly saturated: Cost & { readonly deliveredPerSecond: number };
  readonly spansPerHandoff: number;
  readonly tally: Tally;
}

/** measureTraces takes turns without and with a collector, each fresh. */
export async function measureTraces({ turns: count, seconds, smoke, say }: PartOptions): Promise<Section> {
  const turns: Turn[] = [];
  for (let turn = 0; turn < count; turn++) {
    for (const mode of turn % 2 === 0 ? MODES : MODES.toReversed()) {
      const measured = await measureTurn(mode, seconds, smoke ? 500 : WARM_UP_MS);
      say(
        `traces, turn ${turn + 1}, ${mode}: ${measured.saturated.cpuSeconds.toFixed(2)} s per thousand at saturation`,
      );
      turns.push(measured);
    }
  }
  return {
    title: "Traces",
    text: render(turns, { count, seconds }),
    targets: [],
    faults: turns.filter((turn) => !isExact(turn.tally)).map((turn) => `${turn.mode}: ${JSON.stringify(turn.tally)}`),
    figures: { turns },
  };
}

async function measureTurn(mode: Mode, seconds: number, warmUpMs: number): Promise<Turn> {
  const port = await getPort({ host: "127.0.0.1" });
  const endpoint = `http://127.0.0.1:${port}`;
  await using rig = await openRig(async (options) => {
    // Not among the processes whose cost counts: a collector is another system's.
    const collector = await startNode({
      name: "collector",
      folder: options.folder,
      script: "bench/src/traces/collector.ts",
      env: { PORT: String(port) },
      says: '"msg":"listening"',
    });
    const env = mode === "on" ? { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint } : {};
    const baton = await startBaton({ ...options, projects: PROJECTS, env });
    const close = async () => {
      try {
        await baton.close();
      } finally {
        await collector.kill();
      }
    };
    return { ...baton, close };
  });
  return await playTurn(rig, { mode, seconds, warmUpMs, endpoint });
}

interface TurnPlan {
  readonly mode: Mode;
  readonly seconds: number;
  readonly warmUpMs: number;
  readonly endpoint: string;
}

async function playTurn(rig: Rig, { mode, seconds, warmUpMs, endpoint }: TurnPlan): Promise<Turn> {
  const warm = await rig.play({ shape: saturatingShape(rig, warmUpMs) });
  const atRate = await rig.play({ shape: { kind: "rate", perSecond: PER_SECOND, count: PER_SECOND * seconds } });
  const saturated = await rig.play({ shape: saturatingShape(rig, seconds * 1_000) });
  await sleep(EXPORTED_MS);
  const all = addTallies([warm, atRate, saturated].map((one) => tally(one.sent, one.arrivals)));
  const { spans } = (await (await fetch(endpoint)).json()) as { readonly spans: number };
  return {
    mode,
    atRate: { ...cost(rig, atRate), ...latencies(atRate) },
    saturated: { ...cost(rig, saturated), deliveredPerSecond: deliveredPerSecond(saturated) },
    spansPerHandoff: spans / all.accepted,
    tally: all,
  };
}

function render(
  turns: readonly Turn[],
  { count, seconds }: { readonly count: number; readonly seconds: number },
): string {
  const row = (name: string, read: (turn: Turn) => number) => {
    const [off, on] = MODES.map((mode) => figureOf(turns.filter((turn) => turn.mode === mode).map(read)));
    if (off === undefined || on === undefined) return [];
    return [
      name,
      formatFigure(off),
      formatFigure(on),
      formatNumber(on.median - off.median),
      formatNumber(on.median / off.median),
    ];
  };
  const byProcess = (name: string) => row(`– of it ${name}`, (turn) => turn.saturated.cpuByProcess[name] ?? Number.NaN);
  const rows = [
    row(`CPU s per thousand at ${PER_SECOND}/s`, (turn) => turn.atRate.cpuSeconds),
    row("CPU s per thousand at saturation", (turn) => turn.saturated.cpuSeconds),
    ...["ingress", "worker", "redis"].map(byProcess),
    row("delivered/s at saturation", (turn) => turn.saturated.deliveredPerSecond),
    row(`accept p99 at ${PER_SECOND}/s, ms`, (turn) => turn.atRate.acceptP99Ms),
    row(`arrive p99 at ${PER_SECOND}/s, ms`, (turn) => turn.atRate.arriveP99Ms),
  ];
  const spans = turns.filter(({ mode }) => mode === "on").map(({ spansPerHandoff }) => spansPerHandoff);
  return `Every handoff is traced (\`OTEL_TRACES_SAMPLER_ARG\` 1), and its spans go to a collector on the same machine, whose own cost is not counted.
Turns alternate between without and with \`OTEL_EXPORTER_OTLP_ENDPOINT\`, ${count} each; each starts everything afresh, and plays ${seconds} s at
${PER_SECOND}/s and ${seconds} s at saturation. Medians, least and most in brackets. The collector got ${formatFigure(figureOf(spans))} spans of four per handoff;
what is missing was dropped, as more ended than could leave.

${markdownTable([["", "off", "on", "difference", "on / off"], ...rows])}`;
}
