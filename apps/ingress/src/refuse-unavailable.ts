/** Redis away is no fault of the caller's: it becomes 503 `queue-unavailable`, and nothing was accepted. */
import { Refusal } from "@baton/domain";
import { isUnavailable, OtherVersion } from "@baton/store";

/** RETRY_AFTER_MS: Redis is back within a second or two after a restart or a failover, mostly. */
const RETRY_AFTER_MS = 1_000;

/** ACCEPTING is what a caller is told who wanted something accepted: it is taken back, should Redis have taken it. */
const ACCEPTING = "the queue cannot be reached; nothing was accepted, so send it again";

/**
 * refuseUnavailable wraps a use case: where Redis cannot be reached, it throws the refusal instead. `detail` says what
 * that means for what was asked.
 */
export function refuseUnavailable<Args extends readonly unknown[], Result>(
  useCase: (...args: Args) => Promise<Result>,
  detail = ACCEPTING,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await useCase(...args);
    } catch (error) {
      if (error instanceof OtherVersion) throw refusal(error.message, error);
      throw isUnavailable(error) ? refusal(detail, error) : error;
    }
  };
}

function refusal(detail: string, cause: unknown): Refusal {
  return new Refusal("queue-unavailable", detail, { retryAfterMs: RETRY_AFTER_MS, cause });
}
