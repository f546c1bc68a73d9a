/** Refusals: Redis away is 503, and what is not the connector's is 404. */
import { Refusal } from "@baton/domain";
import { isRedisFull, isRedisUnavailable } from "@baton/redis/connection";
import { RecordVersionMismatch } from "@baton/redis/lua-script";
import { UnknownShard } from "@baton/redis/shards";

/** RETRY_AFTER_MS: Redis is back within a second or two after a restart or a failover, mostly. */
const RETRY_AFTER_MS = 1_000;

/**
 * NOTHING_ACCEPTED is the text for a caller that wanted something accepted: it is taken back, should Redis have taken
 * it.
 */
const NOTHING_ACCEPTED = "the queue cannot be reached; nothing was accepted, so send it again";
/** FULL is true of whatever a full Redis refuses: a script that it refuses changes nothing. */
const FULL = "Redis is full: nothing was accepted, and nothing is until its operator makes room";

/**
 * refuseWhenRedisUnavailable wraps a use case: where Redis cannot be reached, it throws the refusal instead. `detail`
 * says what that means for what was asked.
 */
export function refuseWhenRedisUnavailable<Args extends readonly unknown[], Result>(
  useCase: (...args: Args) => Result,
  detail = NOTHING_ACCEPTED,
): (...args: Args) => Result {
  const refuse = (error: unknown): never => {
    if (error instanceof RecordVersionMismatch || error instanceof UnknownShard)
      throw queueUnavailableRefusal(error.message, error);
    if (isRedisFull(error)) throw queueUnavailableRefusal(FULL, error);
    throw isRedisUnavailable(error) ? queueUnavailableRefusal(detail, error) : error;
  };
  return (...args) => {
    try {
      const found = useCase(...args);
      return found instanceof Promise ? (found.catch(refuse) as Result) : found;
    } catch (error) {
      return refuse(error);
    }
  };
}

function queueUnavailableRefusal(detail: string, cause: unknown): Refusal {
  return new Refusal("queue-unavailable", detail, { retryAfterMs: RETRY_AFTER_MS, cause });
}

/** MAX_ID_LENGTH in characters: ours have 27; more of what a client sent is not repeated. */
const MAX_ID_LENGTH = 64;

/**
 * notFoundRefusal says which `kind` of thing this connector does not have: alike for another's and for one that does
 * not exist.
 */
export function notFoundRefusal(kind: "handoff" | "call", id: string): Refusal {
  return new Refusal("not-found", `this connector has no ${kind} ${id.slice(0, MAX_ID_LENGTH)}`);
}
