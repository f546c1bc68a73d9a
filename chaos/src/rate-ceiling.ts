/** Rate ceiling: whether what arrived kept to a rate in every window of any length. Values in, verdict out. */

/** Rate is a connector's: `burst` at once, `perSecond` in the long run. */
export interface Rate {
  readonly perSecond: number;
  readonly burst: number;
}

/** RatePeriod: from this instant on, until the next period begins, this rate may have been in force; null: no limit. */
export interface RatePeriod {
  readonly from: number;
  readonly rate: Rate | null;
}

/** Excess is the window that is furthest above what was allowed in it. Instants are epoch milliseconds. */
export interface Excess {
  readonly from: number;
  readonly until: number;
  readonly count: number;
  readonly allowed: number;
}

/** One more than burst and rate say: a window may begin just before one of its slots and end just after another. */
const ROUNDING = 1;

/**
 * excessOver looks at every window from one instant to another and gives the one furthest above `burst + rate × window
 * + 1`, or undefined where there is none. A window over several periods is allowed the largest of their bursts, and
 * each period's rate for its part; one that touches a period without limit is not judged. `jitterMs` widens every
 * window: what left in time may arrive closer together than that.
 */
export function excessOver(
  instants: readonly number[],
  periods: readonly RatePeriod[],
  jitterMs = 0,
): Excess | undefined {
  const sorted = instants.toSorted((one, other) => one - other);
  let worst: Excess | undefined;
  for (const [first, from] of sorted.entries()) {
    for (const [index, until] of sorted.slice(first).entries()) {
      const count = index + 1;
      const allowed = allowedIn(from - jitterMs, until, periods);
      if (count > allowed && count - allowed > excess(worst)) worst = { from, until, count, allowed };
    }
  }
  return worst;
}

/** allowedIn is `burst + rate × window + 1`; infinite where a period without limit is touched. */
function allowedIn(from: number, until: number, periods: readonly RatePeriod[]): number {
  let burst = 0;
  let byRate = 0;
  for (const [index, { from: begins, rate }] of periods.entries()) {
    const ends = periods[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    if (ends <= from || begins > until) continue;
    if (rate === null) return Number.POSITIVE_INFINITY;
    burst = Math.max(burst, rate.burst);
    byRate += (rate.perSecond * (Math.min(until, ends) - Math.max(from, begins))) / 1_000;
  }
  return burst + byRate + ROUNDING;
}

function excess(window: Excess | undefined): number {
  return window === undefined ? 0 : window.count - window.allowed;
}
