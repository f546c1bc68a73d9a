/** Refusals that many routes share: an id that names nothing, and a queue that cannot be reached. */
import { Refusal } from "@baton/domain";
import { RecordVersionMismatch } from "@baton/redis/script";

/** MAX_ID_LENGTH in characters: ours have 27; more of what somebody sent is not repeated. */
const MAX_ID_LENGTH = 64;

/** notFound says which `kind` of thing has no such id. */
export function notFound(
  kind: "handoff" | "cause" | "connector" | "token" | "screen-pop key" | "admin key" | "run",
  id: string,
): Refusal {
  return new Refusal("not-found", `there is no ${kind} ${id.slice(0, MAX_ID_LENGTH)}`);
}

/**
 * VALID_MS: what comes to its script later than this is not done, because its operator was answered 503 by then (after
 * 800 ms, the store's COMMAND_TIMEOUT_MS). What lies between is more than a clock may be off that is trusted within a
 * heartbeat. Milliseconds.
 */
export const VALID_MS = 600;

/** RETRY_AFTER_MS: Redis is back within a second or two after a restart or a failover, mostly. */
const RETRY_AFTER_MS = 1_000;

/** unavailable is told when Redis cannot be reached, or its answer came too late to be trusted. */
export function unavailable(cause?: unknown): Refusal {
  const lost = "the queue cannot be reached; what was asked for may not have been done, so look again";
  const detail = cause instanceof RecordVersionMismatch ? cause.message : lost;
  return new Refusal("queue-unavailable", detail, { retryAfterMs: RETRY_AFTER_MS, cause });
}
