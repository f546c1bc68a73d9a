/** When a failed attempt is followed by another: values in, verdict out; time and random numbers are arguments. */

/** Backoff is the ladder between attempts, milliseconds. */
export interface Backoff {
  readonly baseMs: number;
  readonly capMs: number;
}

/**
 * backoffMs gives the wait before the attempt that follows the `used`-th.
 *
 * `used` counts from 1; `random` is in [0, 1). The wait lies in [ceiling / 2, ceiling), ceiling =
 * min(capMs, baseMs * 2^(used - 1)): never so short that a struggling CXone is hit again at once,
 * never in step with other callers. Never throws.
 */
export function backoffMs(backoff: Backoff, used: number, random: number): number {
  const ceiling = Math.min(backoff.capMs, backoff.baseMs * 2 ** (used - 1));
  return Math.floor((ceiling / 2) * (1 + random));
}

/**
 * backoffMsAtLeastRetryAfter gives the wait before the attempt that follows the `used`-th, where CXone asked for one of
 * `retryAfterMs`: that is a floor under the back-off, so that a short one, repeated, does not use the attempts up.
 * Up to one `baseMs` is on top of it: those who were refused together do not come back together.
 */
export function backoffMsAtLeastRetryAfter(
  retryAfterMs: number,
  backoff: Backoff,
  used: number,
  random: number,
): number {
  return Math.max(backoffMs(backoff, used, random), retryAfterMs + Math.floor(backoff.baseMs * random));
}
