/** Reading a handoff: a connector sees only its own. */
import { Refusal } from "@baton/domain";
import type { StoredHandoff } from "@baton/store";

interface Deps {
  readonly handoffs: { read(id: string): Promise<StoredHandoff | undefined> };
}

/** createReadHandoff throws Refusal `not-found` alike for a handoff that is another's and for one that nobody has. */
export function createReadHandoff({ handoffs }: Deps): (connectorId: string, id: string) => Promise<StoredHandoff> {
  return async (connectorId, id) => {
    const stored = await handoffs.read(id);
    if (stored?.handoff.connectorId !== connectorId) throw notFound(id);
    return stored;
  };
}

/** notFound names the id, shortened: it is the caller's text. */
export function notFound(id: string): Refusal {
  return new Refusal("not-found", `this connector has no handoff ${id.slice(0, MAX_SHOWN)}`);
}

// Characters; every id of ours is shorter.
const MAX_SHOWN = 64;
