/** CXone's `Retry-After`, both forms of RFC 9110. */
import { readHttpDate } from "./http-date.ts";

/** MAX_RETRY_AFTER_MS: no deadline is longer than a day, so no longer wait means anything. */
const MAX_RETRY_AFTER_MS = 86_400_000;

/**
 * readRetryAfter gives milliseconds from `now` (epoch milliseconds), at least 0 and at most a day; undefined when the
 * header says nothing.
 */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? "";
  const waitMs = /^-?\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : (readHttpDate(text, now) ?? Number.NaN) - now;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(Math.ceil(waitMs), 0), MAX_RETRY_AFTER_MS);
}
