/** Speed: ours beside the peer, in alternating turns of one run. */
import type { Kind } from "../contenders/contender.ts";
import type { PartOptions, Section } from "../section.ts";
import { addTallies, isExact } from "../tally.ts";
import { measureTurn, type SpeedTurn } from "./measure-turn.ts";
import { renderSpeed } from "./render-speed.ts";
import { summarize } from "./summarize.ts";
import { speedTargets } from "./targets.ts";

const RATES = [50, 100, 300, 500];
const SMOKE = { rates: [50], seconds: 1, warmUpMs: 500, restMs: 100 };

/**
 * measureSpeed takes turns in mirrored pairs (ours, peer, peer, ours …), so that what else the machine does meets both
 * alike.
 */
export async function measureSpeed({ turns: count, seconds, smoke, say }: PartOptions): Promise<Section> {
  const turns: SpeedTurn[] = [];
  for (let turn = 0; turn < count; turn++) {
    const order: readonly Kind[] = turn % 2 === 0 ? ["baton", "plain"] : ["plain", "baton"];
    for (const kind of order) {
      const measured = await measureTurn(smoke ? { kind, ...SMOKE } : { kind, rates: RATES, seconds });
      say(`speed, turn ${turn + 1}, ${kind}: ${measured.saturation.deliveredPerSecond.toFixed(0)}/s at saturation`);
      turns.push(measured);
    }
  }
  const summary = summarize(turns);
  const faults = turns
    .filter(({ tally }) => !isExact(tally))
    .map(({ kind, tally }) => `${kind}: ${JSON.stringify(tally)}`);
  return {
    title: "Speed",
    text: renderSpeed(summary, { turns: count, seconds, tally: addTallies(turns.map(({ tally }) => tally)) }),
    targets: speedTargets(summary),
    faults,
    figures: { summary, turns },
  };
}
