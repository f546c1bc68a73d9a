/** Redis away is no fault of the caller's: it becomes 503 `queue-unavailable`, and nothing was accepted. */
import { Refusal } from "@baton/domain";
import { isUnavailable, NewerRecord } from "@baton/store";

/** RETRY_AFTER_MS: Redis is back within a second or two after a restart or a failover, mostly. */
const RETRY_AFTER_MS = 1_000;

/** refuseUnavailable wraps a use case: where Redis cannot be reached, it throws the refusal instead. */
export function refuseUnavailable<Args extends readonly unknown[], Result>(
  useCase: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return async (...args) => {
    try {
      return await useCase(...args);
    } catch (error) {
      const detail = outage(error);
      throw detail === undefined ? error : new Refusal("queue-unavailable", detail, { retryAfterMs: RETRY_AFTER_MS, cause: error });
    }
  };
}

function outage(error: unknown): string | undefined {
  if (error instanceof NewerRecord) return error.message;
  return isUnavailable(error) ? "the queue cannot be reached; nothing was accepted, so send it again" : undefined;
}
