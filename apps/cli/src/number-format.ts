/** Counts and durations in words, for a person at a terminal. */

/** pluralize writes `1 handoff`, `2 handoffs`. */
export function pluralize(number: number, noun: string): string {
  return `${formatCount(number)} ${noun}${number === 1 ? "" : "s"}`;
}

/** formatCount writes 1204 as 1,204. */
export function formatCount(number: number): string {
  return number.toLocaleString("en-US");
}

/** UNITS of time, the largest first, in milliseconds. */
export const UNITS = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["min", 60_000],
  ["s", 1_000],
] as const;

/** formatDuration writes milliseconds in their largest unit: `3 min`. */
export function formatDuration(ms: number): string {
  const [unit, unitMs] = UNITS.find(([, each]) => ms >= each) ?? ["s", 1_000];
  return `${Math.ceil(ms / unitMs)} ${unit}`;
}
