/** What admin knows of a handoff beside its record: what it died of, and who replayed it. */
import type { AuditEntryJson, BatonClient, HandoffJson, ReceivedCause } from "@baton/api";
import { readPagesUpToLimit } from "./paged-list.ts";

/** So many of the last audit entries are read. */
const MAX_AUDIT_ENTRIES = 500;

/** readCauseOfDeadHandoff gives the cause of a dead letter; undefined for what is none, or none any more. */
export async function readCauseOfDeadHandoff(
  client: BatonClient,
  handoff: HandoffJson,
): Promise<ReceivedCause | undefined> {
  const { id, status, contactId, connectorId } = handoff;
  if (status !== "dead") return undefined;
  const all = { limit: Number.POSITIVE_INFINITY };
  const found = await readPagesUpToLimit((asked) => client.deadLetters({ contactId, connectorId, ...asked }), all);
  const own = found.items.find((each) => each.id === id);
  if (own === undefined) return undefined;
  const causes = await readPagesUpToLimit((asked) => client.causes({ connectorId, ...asked }), all);
  return causes.items.find(({ cause }) => cause === own.cause);
}

/**
 * readAuditedReplaysOfHandoff gives the audit's records of the replays of one handoff by hand; those of runs are not
 * among them.
 */
export async function readAuditedReplaysOfHandoff(
  client: BatonClient,
  { id }: HandoffJson,
): Promise<readonly AuditEntryJson[]> {
  const search = { id, action: "dead-letter.replay" } as const;
  const { items } = await readPagesUpToLimit((asked) => client.audit({ ...search, ...asked }), {
    limit: MAX_AUDIT_ENTRIES,
  });
  return items.filter(({ outcome }) => outcome === "done");
}
