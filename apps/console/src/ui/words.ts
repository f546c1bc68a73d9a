/** Numbers, durations and instants in words. */

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const numbers = new Intl.NumberFormat("en-US");
const clock = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });
const clockSeconds = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short" });

/** count writes 1204 as 1,204. */
export function count(value: number): string {
  return numbers.format(value);
}

/** plural writes `1 handoff` and `2 handoffs`. */
export function plural(value: number, one: string, many = `${one}s`): string {
  return `${count(value)} ${value === 1 ? one : many}`;
}

/**
 * duration writes milliseconds in the largest one or two units: `840 ms`, `3.0 s`, `21 s`, `4 min`, `2 h 5 min`, `3 d`.
 */
export function duration(ms: number): string {
  const of = Math.max(0, ms);
  if (of < SECOND) return `${Math.round(of)} ms`;
  if (of < 10 * SECOND) return `${(of / SECOND).toFixed(1)} s`;
  if (of < 2 * MINUTE) return `${Math.round(of / SECOND)} s`;
  if (of < 2 * HOUR) return `${Math.round(of / MINUTE)} min`;
  if (of < 2 * DAY) return twoUnits(of);
  return `${Math.round(of / DAY)} d`;
}

function twoUnits(ms: number): string {
  const minutes = Math.round((ms % HOUR) / MINUTE);
  return minutes === 0 ? `${Math.floor(ms / HOUR)} h` : `${Math.floor(ms / HOUR)} h ${minutes} min`;
}

/** distance writes how far an instant is from now: `in 8 s`, `3 min ago`. */
export function distance(at: number, now: number): string {
  const ms = at - now;
  if (Math.abs(ms) < SECOND) return "now";
  return ms > 0 ? `in ${wholeDuration(ms)}` : `${wholeDuration(-ms)} ago`;
}

/** wholeDuration is `duration` without parts of a second: what ticks need not flicker. */
export function wholeDuration(ms: number): string {
  return ms < 10 * SECOND ? `${Math.max(0, Math.round(ms / SECOND))} s` : duration(ms);
}

/** timeOfDay writes the local clock, with the day where it is another one. */
export function timeOfDay(at: number, now: number, { seconds = false } = {}): string {
  const time = (seconds ? clockSeconds : clock).format(at);
  return new Date(at).toDateString() === new Date(now).toDateString() ? time : `${day.format(at)}, ${time}`;
}

/** sinceWords writes ` since 14:02`, and untilWords ` until 14:02:31`; nothing where the instant is not known. */
export function sinceWords(at: string | undefined, now: number): string {
  return at === undefined ? "" : ` since ${timeOfDay(Date.parse(at), now)}`;
}

export function untilWords(at: string | undefined, now: number): string {
  return at === undefined ? "" : ` until ${timeOfDay(Date.parse(at), now, { seconds: true })}`;
}

/** list writes `a, b and c`. */
export function list(words: readonly string[]): string {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} and ${words.at(-1)}`;
}

/** capital makes the first character upper case. */
export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
