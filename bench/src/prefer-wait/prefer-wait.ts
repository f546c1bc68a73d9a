/** Waiting for the end: `Prefer: wait`, from the request to the answer that says how the handoff ended. */
import { startBaton } from "../contenders/baton.ts";
import { figureOf, formatFigure } from "../figure.ts";
import { type Latencies, latencies } from "../latencies.ts";
import { openRig } from "../rig.ts";
import { markdownTable, type PartOptions, type Section } from "../section.ts";
import { PROJECTS, saturatingShape } from "../speed/measure-turn.ts";
import { isExact, tally } from "../tally.ts";

const PER_SECOND = 100;
const WAIT_S = 10;
const WARM_UP_MS = 4_000;

/**
 * measurePreferWait takes turns, each on a fresh Baton; what is sent without `Prefer` beside it shows what waiting
 * adds.
 */
export async function measurePreferWait({ turns: count, seconds, smoke, say }: PartOptions): Promise<Section> {
  const turns: { readonly waited: Latencies; readonly plain: Latencies }[] = [];
  const faults: string[] = [];
  const shape = { kind: "rate", perSecond: PER_SECOND, count: PER_SECOND * seconds } as const;
  for (let turn = 0; turn < count; turn++) {
    await using rig = await openRig((options) => startBaton({ ...options, projects: PROJECTS }));
    await rig.play({ shape: saturatingShape(rig, smoke ? 500 : WARM_UP_MS) });
    const plain = await rig.play({ shape });
    const waited = await rig.play({ shape, waitS: WAIT_S });
    for (const one of [plain, waited].map(({ sent, arrivals }) => tally(sent, arrivals)))
      if (!isExact(one)) faults.push(JSON.stringify(one));
    const unended = waited.sent.filter(({ status }) => status !== 200).length;
    if (unended > 0) faults.push(`${unended} answers did not say how their handoff ended`);
    turns.push({ waited: latencies(waited), plain: latencies(plain) });
    say(`wait, turn ${turn + 1}: p99 ${turns.at(-1)?.waited.acceptP99Ms.toFixed(1)} ms from request to answer`);
  }
  const figure = (read: (turn: (typeof turns)[number]) => number) => formatFigure(figureOf(turns.map(read)));
  return {
    title: "Waiting for the end",
    text: `${PER_SECOND} handoffs a second for ${seconds} s with \`Prefer: wait=${WAIT_S}\`, which is answered once the handoff has ended, and as many without, on a fresh Baton each
turn. Milliseconds from the instant at which a handoff was to be sent.

${markdownTable([
  ["", "`Prefer: wait`", "without"],
  ["request → answer p50", figure(({ waited }) => waited.acceptP50Ms), figure(({ plain }) => plain.acceptP50Ms)],
  ["request → answer p99", figure(({ waited }) => waited.acceptP99Ms), figure(({ plain }) => plain.acceptP99Ms)],
  ["request → CXone p50", figure(({ waited }) => waited.arriveP50Ms), figure(({ plain }) => plain.arriveP50Ms)],
  ["request → CXone p99", figure(({ waited }) => waited.arriveP99Ms), figure(({ plain }) => plain.arriveP99Ms)],
])}`,
    targets: [],
    faults,
    figures: { turns },
  };
}
