/** Why a running run does not go on: no worker runs, or all that it could send to is paused. */
import { currentPauseOfConnector, type RunDecision, type RunObstacle } from "@baton/domain";
import type { RunItemStore } from "@baton/handoffs/run-item-store";
import type { StoredConnector } from "@baton/registry/connector-store";

/** MAX_CONNECTORS are asked whether they are paused; of a run over more it is not known. */
const MAX_CONNECTORS = 100;

/** ObstacleDeps is what an obstacle is found with. */
export interface ObstacleDeps {
  readonly runItems: Pick<RunItemStore, "unfinishedConnectors">;
  readonly connectors: { readSome(ids: readonly string[]): Promise<readonly StoredConnector[]> };
  readonly heartbeat: { readonly paused: boolean; readonly workers: number };
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** FindRunObstacle gives undefined for a run that goes on, and for one that is paused or over. */
export type FindRunObstacle = (run: RunDecision) => Promise<RunObstacle | undefined>;

/** createFindRunObstacle looks at connectors only where workers run and not everything is paused. */
export function createFindRunObstacle({ runItems, connectors, heartbeat, now }: ObstacleDeps): FindRunObstacle {
  return async ({ id, kind, status }) => {
    if (status !== "running") return undefined;
    if (heartbeat.workers === 0) return "no-worker";
    // A discard sends nothing, so no pause holds it up.
    if (kind === "discard") return undefined;
    if (heartbeat.paused) return "everything-paused";
    const ids = await runItems.unfinishedConnectors(id, MAX_CONNECTORS);
    if (ids.length === 0 || ids.length > MAX_CONNECTORS) return undefined;
    const found = await connectors.readSome(ids);
    // The items of a deleted connector are skipped, so the run goes on.
    const isStopped =
      found.length === ids.length && found.every(({ connector }) => currentPauseOfConnector(connector, now()));
    return isStopped ? "connectors-paused" : undefined;
  };
}
