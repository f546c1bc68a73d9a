/** The doctor on workers that are alive and take nothing: their clock is off, say, or they hang before they send. */
import { setTimeout as wait } from "node:timers/promises";
import type { Overview } from "@baton/api";
import { pluralize } from "../number-format.ts";
import type { AdminAnswers } from "./admin-answers-for-checks.ts";
import { type CheckResult, FAULT, failCheck } from "./check-result.ts";

/** STANDSTILL_MS: a worker that can takes what is due within some milliseconds. */
const STANDSTILL_MS = 3_000;

/**
 * checkForStandstill looks a second time, STANDSTILL_MS later, where handoffs are due and none is being sent. It finds
 * nothing where it cannot see.
 */
export async function checkForStandstill(
  answers: AdminAnswers,
  waitMs = STANDSTILL_MS,
): Promise<readonly CheckResult[]> {
  if (answers.kind === "unseen" || !isStill(answers.overview)) return [];
  await wait(waitMs);
  const later = await answers.client.overview().catch(() => undefined);
  if (later === undefined || !isStill(later) || hasTakenSome(answers.overview, later)) return [];
  const { workers, handoffs } = later;
  const worker = workers === 1 ? "the worker that is alive takes none" : `none of ${workers} workers takes one`;
  return [
    failCheck(
      "standstill",
      `${pluralize(handoffs.due, "handoff")} could be sent now, and ${worker}`,
      "`/readyz` of each worker says why it takes none, its clock for one; restart one that hangs.",
      { faults: [FAULT.workers], follows: [FAULT.redis, FAULT.settings, FAULT.clock] },
    ),
  ];
}

/** isStill says whether handoffs are due, none is being sent, and workers are alive that could. */
function isStill({ workers, paused, handoffs: { due, sending } }: Overview): boolean {
  return workers > 0 && !paused && due > 0 && sending === 0;
}

/**
 * hasTakenSome says whether a worker took something between two looks: one ended. What expired did so without a worker.
 */
function hasTakenSome(before: Overview, after: Overview): boolean {
  const countDeadOfAttempts = ({ deadLetters: { total, byReason } }: Overview) => total - byReason.expired;
  const deliveredAt = new Map(before.connectors.map(({ id, lastDeliveredAt }) => [id, lastDeliveredAt]));
  const hasDelivered = after.connectors.some(
    ({ id, lastDeliveredAt }) => deliveredAt.has(id) && lastDeliveredAt !== deliveredAt.get(id),
  );
  return hasDelivered || countDeadOfAttempts(after) !== countDeadOfAttempts(before);
}
