/** Scripts: what a handoff costs Redis in each script of the hot path, in lists of several lengths side by side. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startRedis } from "@baton/chaos/redis-server";
import { type Figure, figureOf, formatFigure } from "../figure.ts";
import { markdownTable, type PartOptions, type Section } from "../section.ts";
import { openHotPath } from "./hot-path.ts";

/** One alone, as below 50/s; what a busy process gathers; the longest list. */
const LENGTHS = [1, 8, 32] as const;
/** In flight at once: `active` is as long as a worker makes it. */
const IN_FLIGHT = 192;
const HANDOFFS = 6_400;
const SMOKE_HANDOFFS = 96;

const SCRIPTS = ["accept", "place", "claim", "settle"] as const;
type Script = (typeof SCRIPTS)[number];

/** Turn is microseconds of Redis's CPU a handoff, by script. */
type Turn = Readonly<Record<Script, number>>;

interface Cost {
  readonly length: number;
  readonly turns: readonly Turn[];
}

/** measureScripts drives one Redis through the stores, without HTTP and without signals, and reads its CPU time. */
export async function measureScripts({ turns, smoke, say }: PartOptions): Promise<Section> {
  const folder = mkdtempSync(join(tmpdir(), "baton-bench-"));
  const redis = await startRedis({ name: "redis", folder, fsync: "everysec" });
  const cpuSeconds = async () => cpuOf(await redis.command("INFO cpu"));
  const costs = LENGTHS.map((length) => ({ length, turns: [] as Turn[] }));
  try {
    for (let turn = 0; turn < turns; turn++) {
      for (const cost of costs) {
        const count = smoke ? SMOKE_HANDOFFS : HANDOFFS;
        cost.turns.push(await measureTurn({ port: redis.port, length: cost.length, count, cpuSeconds }));
        say(`scripts, turn ${turn + 1}, lists of ${cost.length}: ${sum(cost.turns.at(-1)).toFixed(0)} µs a handoff`);
      }
    }
  } finally {
    await redis.child().kill();
    rmSync(folder, { recursive: true, force: true });
  }
  return { title: "Redis's work by script", text: render(costs), targets: [], faults: [], figures: { costs } };
}

interface TurnOptions {
  readonly port: number;
  readonly length: number;
  readonly count: number;
  readonly cpuSeconds: () => Promise<number>;
}

async function measureTurn({ port, length, count, cpuSeconds }: TurnOptions): Promise<Turn> {
  const path = await openHotPath(port);
  const spent: Record<Script, number> = { accept: 0, place: 0, claim: 0, settle: 0 };
  const rounds = Math.max(1, Math.floor(IN_FLIGHT / length));
  const timed = async (script: Script, run: () => Promise<void>) => {
    const before = await cpuSeconds();
    for (let round = 0; round < rounds; round++) await run();
    spent[script] += (await cpuSeconds()) - before;
  };
  let done = 0;
  // The first steps load the scripts, and are not counted.
  for (let step = -1; done < count; step++) {
    if (step === 0) for (const script of SCRIPTS) spent[script] = 0;
    await timed("accept", () => path.accept(length));
    await timed("place", () => path.place(length));
    await timed("claim", () => path.claim(length));
    await timed("settle", () => path.settle(length));
    if (step >= 0) done += rounds * length;
  }
  path.close();
  return Object.fromEntries(SCRIPTS.map((script) => [script, (spent[script] * 1e6) / done])) as unknown as Turn;
}

/** cpuOf reads the seconds that Redis's main thread has worked, the kernel's part included. */
function cpuOf(info: string): number {
  const seconds = [...info.matchAll(/^used_cpu_(?:user|sys)_main_thread:([\d.]+)/gm)].map(([, value]) => Number(value));
  return seconds.reduce((total, value) => total + value, 0);
}

function sum(turn: Turn | undefined): number {
  return SCRIPTS.reduce((total, script) => total + (turn?.[script] ?? Number.NaN), 0);
}

function render(costs: readonly Cost[]): string {
  const row = (name: string, of: (turn: Turn) => number): readonly string[] => [
    name,
    ...costs.map(({ turns }): Figure => figureOf(turns.map(of))).map(formatFigure),
  ];
  const rows = SCRIPTS.map((script) => row(`\`${script}\``, (turn) => turn[script]));
  return `Microseconds of Redis's CPU a handoff (INFO cpu, its main thread), from accepted to delivered, over 20 connectors with a rate, ${IN_FLIGHT} in
flight. Lists are what one turn of a process's event loop asks for: the busier it is, the longer they are. Medians of the turns, least and most in
brackets.\n\n${markdownTable([["script", ...costs.map(({ length }) => `lists of ${length}`)], ...rows, row("together", sum)])}`;
}
