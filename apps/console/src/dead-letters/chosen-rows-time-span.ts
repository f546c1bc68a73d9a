/** What is chosen in the list of dead letters, as a plan can name it. */
import type { DeadLetterJson } from "../api/answer-types.ts";

/** A plan's filter takes what died at `from` or later and before `to`. Milliseconds. */
const NEXT_MS = 1;

/** TimeSpan is a time in which the chosen dead letters of a list died, and no other one of its page. */
export interface TimeSpan {
  readonly from: string;
  readonly to: string;
}

/**
 * findChosenRowsTimeSpan gives the span of the chosen dead letters; undefined where another one of the page died in
 * between, or in the same millisecond. A plan has no filter for single ids (contract): a span of time beside the list's
 * own filter is how it takes just those that were chosen.
 */
export function findChosenRowsTimeSpan(
  page: readonly DeadLetterJson[],
  chosen: ReadonlySet<string>,
): TimeSpan | undefined {
  const times = page.filter(({ id }) => chosen.has(id)).map(({ diedAt }) => Date.parse(diedAt));
  if (times.length === 0) return undefined;
  const [first, last] = [Math.min(...times), Math.max(...times)];
  const within = page.filter(({ diedAt }) => Date.parse(diedAt) >= first && Date.parse(diedAt) <= last);
  if (within.length !== times.length) return undefined;
  return { from: new Date(first).toISOString(), to: new Date(last + NEXT_MS).toISOString() };
}
