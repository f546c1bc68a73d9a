/** Instants as people write and read them: so long ago, a day, or RFC 3339. */
import { instantInputSchema } from "@baton/api";
import { duration } from "@baton/runtime/environment-variable-schemas";
import { InvalidArgumentError } from "commander";
import { UNITS } from "./number-format.ts";

/** WHEN says in a command's help how an instant is written. */
export const WHEN = "so long ago (1h), a day (2026-11-29, UTC) or an instant (2026-11-29T10:00:00Z)";

/**
 * readInstant reads `1h` (ago), `2026-11-29` (its first moment, UTC) or an RFC 3339 instant, and gives it as RFC 3339
 * in UTC.
 */
export function readInstant(text: string): string {
  const ago = duration.safeParse(text);
  if (ago.success) return new Date(Date.now() - ago.data).toISOString();
  const at = parseInstant(text);
  if (at !== undefined) return at;
  throw new InvalidArgumentError(
    "Expected how long ago, such as 1h, a day (UTC), such as 2026-11-29, or 2026-11-29T10:00:00Z.",
  );
}

/** parseInstant gives undefined for what is neither a day nor an RFC 3339 instant. */
function parseInstant(text: string): string | undefined {
  const at = instantInputSchema.safeParse(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text.toUpperCase());
  return at.success ? new Date(at.data).toISOString() : undefined;
}

/**
 * readFutureInstant reads `30m` (from now), or what readInstant reads of days and instants; throws for one that is
 * over.
 */
export function readFutureInstant(text: string): string {
  const ahead = duration.safeParse(text);
  if (ahead.success) return new Date(Date.now() + ahead.data).toISOString();
  const at = parseInstant(text);
  if (at !== undefined && Date.parse(at) > Date.now()) return at;
  const over = at === undefined ? "" : `${at} is over. `;
  throw new InvalidArgumentError(
    `${over}Expected for how long from now, such as 30m, or an instant to come, such as 2026-11-29T10:00:00Z.`,
  );
}

/**
 * formatTimeFromNow says how far `at` is from now, in its largest unit: `3 min ago`, `in 12 s`. `at` is an RFC 3339
 * instant.
 */
export function formatTimeFromNow(at: string, now = Date.now()): string {
  const distanceMs = now - Date.parse(at);
  const [unit, ms] = UNITS.find(([, unitMs]) => Math.abs(distanceMs) >= unitMs) ?? [undefined, 1];
  if (unit === undefined) return "just now";
  const words = `${Math.floor(Math.abs(distanceMs) / ms)} ${unit}`;
  return distanceMs > 0 ? `${words} ago` : `in ${words}`;
}

/** formatInstantWithDistance writes an instant and how far it is from now. */
export function formatInstantWithDistance(at: string): string {
  return `${at} (${formatTimeFromNow(at)})`;
}
