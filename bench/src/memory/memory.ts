/** Memory: what a queued handoff and a dead letter take in Redis, ours and the peer's. */
import { controlSimulator } from "@baton/chaos/simulator-control";
import type { ContenderOptions, Kind } from "../contenders/contender.ts";
import { usedBytes } from "../redis-figures.ts";
import { openRig } from "../rig.ts";
import { atMost, markdownTable, type PartOptions, type Section } from "../section.ts";
import { bytesByKeyKind, growthPerHandoff } from "./bytes-by-key-kind.ts";
import { type Store, startBatonStore, startPlainStore } from "./stores.ts";

/** Enough that Redis's own tables and buffers, which grow in steps, hardly count. */
const HANDOFFS = 20_000;
const SMOKE_HANDOFFS = 300;
/** So many are delivered first: scripts, connections and tokens are in Redis before anything is weighed. */
const FIRST = 300;
const CLIENTS = 32;
const PROJECTS = 20;

export interface MemoryFigures {
  readonly kind: Kind;
  readonly bytesQueued: number;
  readonly bytesDead: number;
  /** By kind of key, per handoff; what is missing are Redis's tables and buffers. */
  readonly kindsQueued: readonly (readonly [string, number])[];
  readonly kindsDead: readonly (readonly [string, number])[];
}

/** measureMemory weighs each once: memory, unlike time, hardly differs between turns. */
export async function measureMemory({ smoke, say }: PartOptions): Promise<Section> {
  const count = smoke ? SMOKE_HANDOFFS : HANDOFFS;
  const figures = [await weigh(startBatonStore, count), await weigh(startPlainStore, count)] as const;
  for (const { kind, bytesQueued, bytesDead } of figures)
    say(`memory, ${kind}: ${bytesQueued.toFixed(0)} B queued, ${bytesDead.toFixed(0)} B dead`);
  const [ours] = figures;
  return {
    title: "Memory in Redis",
    text: render(figures, count),
    targets: [
      atMost("Redis per queued handoff", ours.bytesQueued / 1_000, { limit: 1.9, unit: " KB" }),
      atMost("Redis per dead letter", ours.bytesDead / 1_000, { limit: 2.6, unit: " KB" }),
    ],
    faults: [],
    figures: { figures },
  };
}

async function weigh(start: (options: ContenderOptions) => Promise<Store>, count: number): Promise<MemoryFigures> {
  await using rig = await openRig((options) => start({ ...options, projects: PROJECTS }));
  const { contender, load } = rig;
  const send = async (handoffs: number) => {
    const shape = { kind: "count", count: handoffs, clients: CLIENTS } as const;
    const { sent } = await load.play({
      port: contender.port,
      tokens: contender.tokens,
      firstContact: rig.nextContacts(),
      shape,
    });
    const refused = sent.filter(({ status }) => status !== 202).length;
    if (refused > 0) throw new Error(`${refused} of ${handoffs} handoffs were not accepted`);
  };
  await rig.play({ shape: { kind: "count", count: FIRST, clients: CLIENTS } });
  const { port } = contender.redis;
  const [empty, emptyKinds] = [await usedBytes(contender.redis), await bytesByKeyKind(port)];
  await controlSimulator(rig.simulatorUrl).answer({ on: "signal", fault: { status: 404 } });
  await send(count);
  await contender.untilDead(count);
  const [withDead, deadKinds] = [await usedBytes(contender.redis), await bytesByKeyKind(port)];
  await contender.hold();
  await send(count);
  await contender.untilHeld(count);
  const [withQueued, queuedKinds] = [await usedBytes(contender.redis), await bytesByKeyKind(port)];
  return {
    kind: contender.kind,
    bytesDead: (withDead - empty) / count,
    bytesQueued: (withQueued - withDead) / count,
    kindsDead: growthPerHandoff(emptyKinds, deadKinds, count),
    kindsQueued: growthPerHandoff(deadKinds, queuedKinds, count),
  };
}

function render(figures: readonly MemoryFigures[], count: number): string {
  const row = (name: string, read: (of: MemoryFigures) => number) => [
    name,
    ...figures.map((of) => Math.round(read(of)).toLocaleString("en-US")),
  ];
  return `Rise of Redis's \`used_memory\` over ${count.toLocaleString("en-US")} handoffs with four parameters of 20
  bytes: dead ones, which CXone answered 404, and queued ones, held back by a
pause, each by the way that every handoff takes. The peer keeps a job where Baton keeps a record with its indexes and a
job.

${markdownTable([
  ["bytes", "Baton", "peer"],
  row("per queued handoff", (of) => of.bytesQueued),
  row("per dead letter", (of) => of.bytesDead),
])}

${figures.map(renderKinds).join("\n\n")}`;
}

function renderKinds({ kind, kindsQueued, kindsDead }: MemoryFigures): string {
  const list = (kinds: MemoryFigures["kindsDead"]) =>
    kinds.map(([name, bytes]) => `\`${name}\` ${Math.round(bytes)}`).join(", ");
  const name = kind === "baton" ? "Baton" : "Peer";
  return `${name}, bytes by kind of key. Queued: ${list(kindsQueued)}. Dead: ${list(kindsDead)}. The rest are Redis's
  tables and buffers.`;
}
