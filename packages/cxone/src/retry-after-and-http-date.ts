/** `Retry-After` and dates of HTTP, in RFC 9110's forms. */

/** MAX_RETRY_AFTER_MS: no deadline is longer than a day, so no longer wait means anything. */
const MAX_RETRY_AFTER_MS = 86_400_000;

/**
 * readRetryAfter gives milliseconds from `now` (epoch milliseconds), at least 0 and at most a day; undefined where the
 * header says nothing that can be read. A negative number cannot; a date in the past can: CXone's clock may be behind.
 */
export function readRetryAfter(header: string | undefined, now: number): number | undefined {
  const text = header?.trim() ?? "";
  const waitMs = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1_000 : (readHttpDate(text, now) ?? Number.NaN) - now;
  return Number.isNaN(waitMs) ? undefined : Math.min(Math.max(Math.ceil(waitMs), 0), MAX_RETRY_AFTER_MS);
}

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

/** `Sun, 06 Nov 1994 08:49:37 GMT`, and `Sunday, 06-Nov-94 08:49:37 GMT` of RFC 850. */
const DAY_FIRST =
  /^[a-z]+, +(\d{1,2})[ -]([a-z]{3})[ -](\d{4}|\d{2}) +(\d{2}):(\d{2}):(\d{2})(?: +(?:GMT|UTC|[+-]0000))?$/i;

/** `Sun Nov  6 08:49:37 1994`, C's asctime. */
const MONTH_FIRST = /^[a-z]+ +([a-z]{3}) +(\d{1,2}) +(\d{2}):(\d{2}):(\d{2}) +(\d{4})(?: +(?:GMT|UTC))?$/i;

/** A year of two digits that seems further ahead is the one a century before. */
const MAX_YEARS_AHEAD = 50;

/** readHttpDate gives epoch milliseconds; undefined for what is no such date. `now`, too, is epoch milliseconds. */
export function readHttpDate(text: string, now: number): number | undefined {
  const [, day, month, year, ...time] = DAY_FIRST.exec(text) ?? [];
  if (day !== undefined) return instantOf({ day, month, year: fullYear(Number(year), now), time });
  const [, monthFirst, ...rest] = MONTH_FIRST.exec(text) ?? [];
  return instantOf({ day: rest[0], month: monthFirst, year: Number(rest[4]), time: rest.slice(1, 4) });
}

interface DateParts {
  readonly day: string | undefined;
  readonly month: string | undefined;
  readonly year: number;
  /** Hours, minutes, seconds. */
  readonly time: readonly string[];
}

function instantOf({ day, month = "", year, time }: DateParts): number | undefined {
  const monthIndex = MONTHS.indexOf(month.toLowerCase());
  if (monthIndex < 0) return undefined;
  const [hours, minutes, seconds] = time.map(Number);
  return Date.UTC(year, monthIndex, Number(day), hours, minutes, seconds);
}

function fullYear(year: number, now: number): number {
  if (year >= 100) return year;
  const thisYear = new Date(now).getUTCFullYear();
  const inThisCentury = thisYear - (thisYear % 100) + year;
  return inThisCentury > thisYear + MAX_YEARS_AHEAD ? inThisCentury - 100 : inThisCentury;
}
