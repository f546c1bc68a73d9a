/** Who paused what, since when: from the audit. */
import type { AuditEntryJson, BatonClient, Overview } from "@baton/api";
import { formatInstantWithDistance } from "../parse-and-format-instants.ts";

/** PauseDescriptions are found by the id of what is paused; EVERYTHING stands for all of it. */
export type PauseDescriptions = ReadonlyMap<string, string>;
export const EVERYTHING = "everything";

/** So many paused connectors are asked about. */
const MAX_CONNECTORS = 20;
/** The pause is among the last so many changes of a connector. */
const MAX_ENTRIES = 100;

/**
 * describePausesFromAudit says of each pause since when it holds and who made it, in words; nothing of one that the
 * audit no longer has, or not for this key.
 */
export async function describePausesFromAudit(
  client: Pick<BatonClient, "audit">,
  { paused, connectors }: Overview,
): Promise<PauseDescriptions> {
  const ids = connectors.filter((row) => row.paused).map(({ id }) => id);
  const asked = [...(paused ? [EVERYTHING] : []), ...ids.slice(0, MAX_CONNECTORS)];
  const pauses = await Promise.all(asked.map(async (id) => [id, await describeLastPause(client, id)] as const));
  return new Map(pauses.filter((each): each is readonly [string, string] => each[1] !== undefined));
}

async function describeLastPause(client: Pick<BatonClient, "audit">, id: string): Promise<string | undefined> {
  const search = id === EVERYTHING ? { action: "everything.pause" as const, limit: 1 } : { id, limit: MAX_ENTRIES };
  try {
    const { items } = await client.audit(search);
    const entry = items.find((each) => each.outcome !== "refused" && isPause(each));
    return entry === undefined ? undefined : describePause(entry);
  } catch {
    // A key that may not read the audit still shows the pause.
    return undefined;
  }
}

/** A connector is paused by its own call, or by a change of the member. */
function isPause({ action, members = [] }: AuditEntryJson): boolean {
  return (
    action.endsWith(".pause") ||
    (["connector.create", "connector.change"].includes(action) && members.includes("/paused"))
  );
}

function describePause({ at, actor, note }: AuditEntryJson): string {
  return `since ${formatInstantWithDistance(at)} by ${actor.name}${note === undefined ? "" : `: "${note}"`}`;
}
