/**
 * Random histories: bursts, outages, Retry-After, pauses, changed rates, killed workers, shared contacts and short
 * deadlines, judged by what arrived. `HISTORIES=200 npm test -- tests/gate/history.test.ts` plays so many.
 */
import fc from "fast-check";
import { expect, it } from "vitest";
import { checkHistory } from "./history/check-history.ts";
import type { History } from "./history/history.ts";
import { plans } from "./history/plan.ts";
import { startPlanPlayer } from "./history/play-plan.ts";

const RUNS = Number(process.env.HISTORIES ?? "3");
/** How many complaints of a kind are shown. */
const SHOWN = 5;
/** One history, with all its deadlines. Milliseconds. */
const RUN_MS = 90_000;

it("keeps rate, order, contacts apart, deadlines and promises, whatever happens", {
  timeout: 60_000 + RUNS * RUN_MS,
}, async () => {
  process.stderr.write(`histories: ${RUNS}, PROPERTY_SEED=${fc.readConfigureGlobal().seed}\n`);
  const { play } = await startPlanPlayer();
  const property = fc.asyncProperty(plans, async (plan) => {
    const histories = await play(plan);
    process.stderr.write(`${summary(histories)}\n`);
    expect(shortened(histories.flatMap(checkHistory))).toEqual([]);
  });
  // Nothing is shrunk: a plan's end depends on the machine, and each try takes its time.
  await fc.assert(property, { numRuns: RUNS, endOnFailure: true, verbose: 1 });
});

/** summary says what a run saw, so that one that saw nothing is noticed. */
function summary(histories: readonly History[]): string {
  const asked = histories.flatMap((history) => history.asked);
  const endings = Map.groupBy(asked, ({ handoff }) =>
    handoff === undefined ? "refused" : (handoff.reason ?? handoff.status),
  );
  const counts = [...endings].map(([ending, all]) => `${all.length} ${ending}`).join(", ");
  const requests = histories.reduce((sum, { signals }) => sum + signals.length, 0);
  return `${asked.length} handoffs: ${counts}; ${requests} requests, ${histories[0]?.kills.length ?? 0} workers killed`;
}

/** The first few complaints of each kind, and how many more there were. */
function shortened(complaints: readonly string[]): readonly string[] {
  const kinds = Map.groupBy(complaints, (complaint) => complaint.slice(0, complaint.indexOf(":")));
  return [...kinds].flatMap(([kind, all]) => [
    ...all.slice(0, SHOWN),
    ...(all.length > SHOWN ? [`${kind}: and ${all.length - SHOWN} more`] : []),
  ]);
}
