/**
 * The limit of failed logins, in this process's memory: a guesser meets each process's own, and none asks Redis for it.
 * Libraries count requests, not failures, in windows that let a burst through at each edge, and remember as many
 * guessers as come (docs/adr/0020).
 */
import { Refusal } from "@baton/domain";

/**
 * MAX_FAILURES at once, and in the long run as many within each FAILURE_WINDOW_MS: a person mistypes twice, a script
 * with an old key tries for ever.
 */
const MAX_FAILURES = 20;
const FAILURE_WINDOW_MS = 60_000;
/** MAX_REMEMBERED of those who failed; beyond it the oldest are forgotten. */
const MAX_REMEMBERED = 10_000;

/** LoginLimit counts failures of `who`: an address, or an address and what it sent. */
export interface LoginLimit {
  /** Throws Refusal `too-many-requests` while `who` failed too often. */
  admit(who: string): void;
  recordFailure(who: string): void;
}

/** createLoginLimit counts on the monotonic clock, unless `now` (milliseconds) is given. */
export function createLoginLimit(now: () => number = () => performance.now()): LoginLimit {
  const intervalMs = FAILURE_WINDOW_MS / MAX_FAILURES;
  /** When each is clear again: a failure adds an interval. */
  const clearAt = new Map<string, number>();

  function forget(): void {
    if (clearAt.size < MAX_REMEMBERED) return;
    for (const [who, at] of clearAt) if (at <= now()) clearAt.delete(who);
    for (const who of clearAt.keys()) {
      if (clearAt.size < MAX_REMEMBERED) return;
      clearAt.delete(who);
    }
  }

  return {
    admit(who) {
      const waitMs = (clearAt.get(who) ?? 0) - now() - (MAX_FAILURES - 1) * intervalMs;
      if (waitMs <= 0) return;
      throw new Refusal("too-many-requests", "too many wrong keys came from here; wait, and send the right one", {
        retryAfterMs: waitMs,
      });
    },
    recordFailure(who) {
      forget();
      clearAt.set(who, Math.max(clearAt.get(who) ?? 0, now()) + intervalMs);
    },
  };
}
