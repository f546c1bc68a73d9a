/** Growth: what everything costs with a hundred, ten thousand and a million handoffs queued and dead. */
import { startBaton } from "../contenders/baton.ts";
import { openRig } from "../rig.ts";
import type { PartOptions, Section } from "../section.ts";
import { openSlowLog } from "../slow-log.ts";
import { saturatingShape } from "../speed/measure-turn.ts";
import { isExact } from "../tally.ts";
import { createAdminCaller } from "./admin-calls.ts";
import {
  addHandoffs,
  type FiguresAtSize,
  fillTo,
  type GrowthPlan,
  type GrowthRig,
  holdersOf,
  measurePass,
  medianOf,
  type Pass,
  RESUMED_RATE,
} from "./figures-at-size.ts";
import { growthTargets, renderGrowth } from "./render-growth.ts";

/** The measure of the others: on a Baton of its own, which is looked at before each of theirs. */
const BASE = 100;
const FULL = { base: BASE, sizes: [10_000, 1_000_000], passes: 3, waiting: 10_000, calls: 100, holders: 100, live: 20 };
const SMOKE = { base: 40, sizes: [60], passes: 1, waiting: 200, calls: 5, holders: 4, live: 2 };
const WARM_UP_MS = 4_000;

/**
 * measureGrowth fills one Baton to each size, and measures it in passes that alternate with one that is nearly empty.
 * Both are warm before.
 */
export async function measureGrowth({ seconds, smoke, say }: PartOptions): Promise<Section> {
  const { base, sizes, passes, ...roles } = smoke ? SMOKE : FULL;
  const plan = { ...roles, seconds };
  await using empty = await openGrowthRig(plan, smoke);
  await using grown = await openGrowthRig(plan, smoke);
  const logs = {
    empty: await openSlowLog(empty.contender.redis.port),
    grown: await openSlowLog(grown.contender.redis.port),
  };
  const filledEmpty = await fillTo(empty, { plan, from: 0, size: base, slowLog: logs.empty });
  const basePasses: Pass[] = [];
  const stages: FiguresAtSize[] = [];
  for (const size of sizes) {
    const filled = await fillTo(grown, { plan, from: stages.at(-1)?.size ?? 0, size, slowLog: logs.grown });
    say(`growth, ${size}: filled in ${filled.filledInS.toFixed(0)} s, Redis has ${filled.redisMiB.toFixed(0)} MiB`);
    const own: Pass[] = [];
    for (let pass = 0; pass < passes; pass++) {
      basePasses.push(await measurePass(empty, plan, logs.empty));
      own.push(await measurePass(grown, plan, logs.grown));
    }
    stages.push(medianOf(filled, own));
  }
  for (const log of Object.values(logs)) log.close();
  const all = [medianOf(filledEmpty, basePasses), ...stages];
  return {
    title: "Growth",
    text: renderGrowth(all, plan),
    targets: growthTargets(all),
    faults: all.filter(({ tally }) => !isExact(tally)).map(({ size, tally }) => `at ${size}: ${JSON.stringify(tally)}`),
    figures: { stages: all },
  };
}

/** openGrowthRig starts a Baton, and warms up everything that is measured later. */
async function openGrowthRig(plan: GrowthPlan, smoke: boolean): Promise<GrowthRig> {
  const projects = plan.holders + plan.live + 1;
  const rig = await openRig((options) => startBaton({ ...options, projects, env: { BATON_MAX_PENDING: "10000000" } }));
  const { operator, connectors, tokens } = rig.contender;
  const [last] = connectors.slice(-1);
  if (last === undefined) throw new Error("there are no connectors");
  await operator.patchConnector(last.id, { delivery: { rate: RESUMED_RATE } });
  for (const { id } of [...connectors.slice(0, plan.holders), last]) await operator.pauseConnector(id);
  // Long enough for every process to see the pauses, too.
  await rig.play({
    tokens: tokens.slice(plan.holders, plan.holders + plan.live),
    shape: saturatingShape(rig, smoke ? 1_500 : WARM_UP_MS),
  });
  const [first = ""] = holdersOf(connectors, plan).dead;
  await addHandoffs(rig, { leftover: "dead", connectorIds: [first], count: plan.calls });
  await createAdminCaller(rig.contender, first).measure(plan.calls);
  return rig;
}
