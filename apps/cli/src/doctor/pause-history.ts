/** Who paused what, since when: from the audit. */
import type { AuditEntryJson, BatonClient, Overview } from "@baton/api";
import { formatInstantWithDistance } from "../instant.ts";

/** Pauses are found by the id of what is paused; EVERYTHING stands for all of it. */
export type Pauses = ReadonlyMap<string, string>;
export const EVERYTHING = "everything";

/** So many paused connectors are asked about. */
const MAX_CONNECTORS = 20;
/** The pause is among the last so many changes of a connector. */
const MAX_ENTRIES = 100;

/**
 * readPauses says of each pause since when it holds and who made it, in words; nothing of one that the audit no longer
 * has, or not for this key.
 */
export async function readPauses(
  client: Pick<BatonClient, "audit">,
  { paused, connectors }: Overview,
): Promise<Pauses> {
  const ids = connectors.filter((row) => row.paused).map(({ id }) => id);
  const asked = [...(paused ? [EVERYTHING] : []), ...ids.slice(0, MAX_CONNECTORS)];
  const pauses = await Promise.all(asked.map(async (id) => [id, await readPause(client, id)] as const));
  return new Map(pauses.filter((each): each is readonly [string, string] => each[1] !== undefined));
}

async function readPause(client: Pick<BatonClient, "audit">, id: string): Promise<string | undefined> {
  const search = id === EVERYTHING ? { action: "everything.pause" as const, limit: 1 } : { id, limit: MAX_ENTRIES };
  try {
    const { items } = await client.audit(search);
    const entry = items.find((each) => each.outcome !== "refused" && pauses(each));
    return entry === undefined ? undefined : describe(entry);
  } catch {
    // A key that may not read the audit still shows the pause.
    return undefined;
  }
}

/** A connector is paused by its own call, or by a change of the member. */
function pauses({ action, members = [] }: AuditEntryJson): boolean {
  return (
    action.endsWith(".pause") ||
    (["connector.create", "connector.change"].includes(action) && members.includes("/paused"))
  );
}

function describe({ at, actor, note }: AuditEntryJson): string {
  return `since ${formatInstantWithDistance(at)} by ${actor.name}${note === undefined ? "" : `: "${note}"`}`;
}
