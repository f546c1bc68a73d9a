/** Refusals that many routes share: an id that names nothing, and a queue that cannot be reached. */
import { Refusal } from "@baton/domain";
import { isRedisFull } from "@baton/redis/connection";
import { RecordVersionMismatch } from "@baton/redis/lua-script";
import { UnknownShard } from "@baton/redis/shards";

/** MAX_ID_LENGTH in characters: ours have 27; more of what a client sent is not repeated. */
const MAX_ID_LENGTH = 64;

/** notFoundRefusal says which `kind` of thing has no such id. */
export function notFoundRefusal(
  kind: "handoff" | "cause" | "connector" | "token" | "screen-pop key" | "admin key" | "run",
  id: string,
): Refusal {
  return new Refusal("not-found", `there is no ${kind} ${id.slice(0, MAX_ID_LENGTH)}`);
}

/**
 * COMMAND_DEADLINE_MS: a command that reaches Redis later than this is not carried out, because its operator has been
 * answered 503 by then (after 800 ms, COMMAND_TIMEOUT_MS). The difference is more than a trusted clock may be off.
 */
export const COMMAND_DEADLINE_MS = 600;

/** RETRY_AFTER_MS: Redis is back within a second or two after a restart or a failover, mostly. */
const RETRY_AFTER_MS = 1_000;

const LOST = "Redis does not answer";
const LOST_CHANGE = `${LOST}; what was asked for may not have been done, so look again`;
const FULL =
  "Redis is full: it takes nothing new until its maxmemory is raised or something is removed; pausing, cancelling, deleting, revoking and discarding one dead letter still work";

/**
 * queueUnavailableRefusal is answered when Redis cannot be reached, its answer came too late to be trusted, or it is
 * full. `changes`: the request was to change something.
 */
export function queueUnavailableRefusal({ cause, changes }: { cause?: unknown; changes: boolean }): Refusal {
  return new Refusal("queue-unavailable", detailOf(cause, changes), { retryAfterMs: RETRY_AFTER_MS, cause });
}

function detailOf(cause: unknown, changes: boolean): string {
  if (needsNewerProcessOrMoreShards(cause)) return cause.message;
  if (isRedisFull(cause)) return FULL;
  return changes ? LOST_CHANGE : LOST;
}

/**
 * needsNewerProcessOrMoreShards says whether only another process can do it: a newer one, or one that has more shards.
 */
export function needsNewerProcessOrMoreShards(error: unknown): error is RecordVersionMismatch | UnknownShard {
  return error instanceof RecordVersionMismatch || error instanceof UnknownShard;
}
