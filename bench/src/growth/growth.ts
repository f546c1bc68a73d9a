/** Growth: what everything costs with a hundred, ten thousand and a million handoffs queued and dead. */
import { startBaton } from "../contenders/baton.ts";
import { openRig } from "../rig.ts";
import type { PartOptions, Section } from "../section.ts";
import { openSlowLog } from "../slow-log.ts";
import { saturating } from "../speed/measure-turn.ts";
import { isExact } from "../tally.ts";
import { createCaller } from "./calls.ts";
import { growthTargets, renderGrowth } from "./render-growth.ts";
import { type GrowthRig, leave, playStage, type Roles, type Stage } from "./stage.ts";

const SIZES = [100, 10_000, 1_000_000];
const WAITING = 10_000;
const CALLS = 100;
const ROLES = { holders: 100, live: 20 };
const SMOKE = { sizes: [60], waiting: 200, calls: 5, holders: 4, live: 2 };
/** The resumed connector's: ten thousand last for longer than they are looked at. */
const RESUMED_RATE = { perSecond: 200, burst: 200 };
const WARM_UP_MS = 4_000;

/** measureGrowth plays the stages one after the other, on one Baton, which is warm before the first. */
export async function measureGrowth({ seconds, smoke, say }: PartOptions): Promise<Section> {
  const { sizes, ...plan } = smoke ? SMOKE : { sizes: SIZES, waiting: WAITING, calls: CALLS, ...ROLES };
  const projects = plan.holders + plan.live + 1;
  await using rig = await openRig((options) => startBaton({ ...options, projects, env: { BATON_MAX_PENDING: "10000000" } }));
  const slowLog = await openSlowLog(rig.contender.redis.port);
  await prepare(rig, plan, smoke ? 1_500 : WARM_UP_MS);
  const stages: Stage[] = [];
  for (const size of sizes) {
    const stage = await playStage(rig, { plan: { ...plan, size, seconds }, from: stages.at(-1)?.size ?? 0, slowLog });
    say(`growth, ${size}: filled in ${stage.filledInS.toFixed(0)} s, Redis has ${stage.redisMiB.toFixed(0)} MiB`);
    stages.push(stage);
  }
  slowLog.close();
  return {
    title: "Growth",
    text: renderGrowth(stages, { ...plan, seconds }),
    targets: growthTargets(stages),
    faults: stages.filter(({ tally }) => !isExact(tally)).map(({ size, tally }) => `at ${size}: ${JSON.stringify(tally)}`),
    figures: { stages },
  };
}

/** prepare warms up everything that is measured later: the first stage is the measure of the others. */
async function prepare(rig: GrowthRig, { holders, live, calls }: Roles & { readonly calls: number }, warmUpMs: number): Promise<void> {
  const { operator, connectors, tokens } = rig.contender;
  const [last] = connectors.slice(-1);
  if (last === undefined) throw new Error("there are no connectors");
  await operator.patchConnector(last.id, { delivery: { rate: RESUMED_RATE } });
  for (const { id } of [...connectors.slice(0, holders), last]) await operator.pauseConnector(id);
  // Long enough for every process to hear of the pauses, too.
  await rig.play({ tokens: tokens.slice(holders, holders + live), shape: saturating(rig, warmUpMs) });
  await leave(rig, { leftover: "dead", connectorIds: [connectors[0]?.id ?? ""], count: calls });
  await createCaller(rig.contender).measure(calls);
}
