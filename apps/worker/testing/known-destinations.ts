/** Destinations without CXone, for tests of the claim loop. */
import type { KnownDestination } from "@baton/handoffs/deliveries";
import { type createConnector, ready } from "../../../packages/handoffs/testing/space.ts";

type Connector = ReturnType<typeof createConnector>;

/** createKnown knows every connector as ready, but tells of it only once it was lacked, as destinations do. */
export function createKnown(connectors: readonly Connector[], name: string) {
  let changes = new Map<string, KnownDestination | undefined>();
  const lacked: string[] = [];
  return {
    lacked,
    nudge: () => {},
    table: () => `${name}.1`,
    takeChanges() {
      const taken = changes;
      changes = new Map();
      return taken;
    },
    putBack(_: string, taken: ReadonlyMap<string, KnownDestination | undefined>) {
      changes = new Map([...taken, ...changes]);
    },
    lack(ids: readonly string[]) {
      lacked.push(...ids);
      for (const connector of connectors.filter(({ id }) => ids.includes(id)))
        changes.set(connector.id, ready(connector));
      if (ids.length > 0) this.nudge();
    },
  };
}
