/** Numbers, durations and instants in words. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const numbers = new Intl.NumberFormat("en-US");
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const clockSeconds = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** formatCount writes 1204 as 1,204. */
export function formatCount(value: number): string {
  return numbers.format(value);
}

/** pluralize writes `1 handoff` and `2 handoffs`. */
export function pluralize(value: number, one: string, many = `${one}s`): string {
  return `${formatCount(value)} ${value === 1 ? one : many}`;
}

/**
 * formatDuration writes milliseconds in the largest one or two units: `840 ms`, `3.0 s`, `21 s`, `4 min`, `2 h 5 min`,
 * `3 d`.
 */
export function formatDuration(ms: number): string {
  const of = Math.max(0, ms);
  if (of < SECOND) return `${Math.round(of)} ms`;
  if (of < 10 * SECOND) return `${(of / SECOND).toFixed(1)} s`;
  if (of < 2 * MINUTE) return `${Math.round(of / SECOND)} s`;
  if (of < 2 * HOUR) return `${Math.round(of / MINUTE)} min`;
  if (of < 2 * DAY) return formatHoursAndMinutes(of);
  return `${Math.round(of / DAY)} d`;
}

function formatHoursAndMinutes(ms: number): string {
  const minutes = Math.round((ms % HOUR) / MINUTE);
  return minutes === 0 ? `${Math.floor(ms / HOUR)} h` : `${Math.floor(ms / HOUR)} h ${minutes} min`;
}

/** formatTimeFromNow writes how far an instant is from now: `in 8 s`, `3 min ago`. */
export function formatTimeFromNow(at: number, now: number): string {
  const ms = at - now;
  if (Math.abs(ms) < SECOND) return "now";
  return ms > 0 ? `in ${formatDurationInWholeSeconds(ms)}` : `${formatDurationInWholeSeconds(-ms)} ago`;
}

/** formatDurationInWholeSeconds is `formatDuration` without parts of a second: what ticks need not flicker. */
export function formatDurationInWholeSeconds(ms: number): string {
  return ms < 10 * SECOND ? `${Math.max(0, Math.round(ms / SECOND))} s` : formatDuration(ms);
}

/** formatTimeOfDay writes the local clock, with the day where it is another one. */
export function formatTimeOfDay(at: number, now: number, { seconds = false } = {}): string {
  const time = (seconds ? clockSeconds : clock).format(at);
  return new Date(at).toDateString() === new Date(now).toDateString() ? time : `${day.format(at)}, ${time}`;
}

/** formatSinceClause writes ` since 14:02`; nothing where the instant is not known. */
export function formatSinceClause(at: string | undefined, now: number): string {
  return at === undefined ? "" : ` since ${formatTimeOfDay(Date.parse(at), now)}`;
}

/** formatUntilClause writes ` until 14:02:31`; nothing where the instant is not known. */
export function formatUntilClause(at: string | undefined, now: number): string {
  return at === undefined ? "" : ` until ${formatTimeOfDay(Date.parse(at), now, { seconds: true })}`;
}

/** formatList writes `a, b and c`. */
export function formatList(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** capitalize makes the first character upper case. */
export function capitalize(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
