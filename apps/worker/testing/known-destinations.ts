/** Destinations without CXone, for tests of the claim loop. */
import type { KnownDestination } from "@baton/handoffs/claim-script-arguments-and-reply";
import { type createConnector, ready } from "../../../packages/handoffs/testing/space.ts";

type Connector = ReturnType<typeof createConnector>;

/**
 * createKnownDestinations knows every connector as ready, but sends it only once it was requested, as destinations
 * do.
 */
export function createKnownDestinations(connectors: readonly Connector[], name: string) {
  let changes = new Map<string, KnownDestination | undefined>();
  const requested: string[] = [];
  return {
    requested,
    nudge: () => {},
    table: () => `${name}.1`,
    takeChanges() {
      const taken = changes;
      changes = new Map();
      return taken;
    },
    restoreChanges(_: string, taken: ReadonlyMap<string, KnownDestination | undefined>) {
      changes = new Map([...taken, ...changes]);
    },
    requestMissing(ids: readonly string[]) {
      requested.push(...ids);
      for (const connector of connectors.filter(({ id }) => ids.includes(id)))
        changes.set(connector.id, ready(connector));
      if (ids.length > 0) this.nudge();
    },
  };
}
