/** How long a plan takes at another rate than the one that it was counted with. */
import { DEFAULT_RUN_RATE, estimateRunMs } from "@baton/domain";
import type { ConnectorJson, Plan } from "../api/answer-types.ts";

type PlanSize = Pick<Plan, "taken" | "byConnector" | "estimateMs">;
type ConnectorRate = Pick<ConnectorJson, "id"> & { readonly delivery: Pick<ConnectorJson["delivery"], "rate"> };

/**
 * estimatePlanMsAtRate gives how long a plan takes at `ratePerSecond` and at the rates of those of its connectors that
 * are known here, whichever is slowest; milliseconds. The plan's own estimate was made with DEFAULT_RUN_RATE: where it
 * is longer than that rate alone would take, a connector's rate made it so, and that connector is no quicker at another
 * rate.
 */
export function estimatePlanMsAtRate(
  plan: PlanSize,
  ratePerSecond: number,
  connectors: readonly ConnectorRate[],
): number {
  const rates = new Map<string, number>();
  for (const { id, delivery } of connectors) {
    if (plan.byConnector[id] !== undefined && delivery.rate !== null) rates.set(id, delivery.rate.perSecond);
  }
  const known = estimateRunMs(plan, ratePerSecond, rates);
  const isSlowedByConnector = plan.estimateMs > estimateRunMs(plan, DEFAULT_RUN_RATE, new Map());
  return isSlowedByConnector ? Math.max(known, plan.estimateMs) : known;
}
