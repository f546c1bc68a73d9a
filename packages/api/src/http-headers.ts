/** HTTP headers: `Prefer` (RFC 7240), as far as Baton honours it, and the headers of answers, as OpenAPI shows them. */
import { z } from "zod";

/** MAX_WAIT_SECONDS is the longest a request is held open (RFC 7240's `wait`). Longer wishes are shortened to it. */
const MAX_WAIT_SECONDS = 30;

/** Preference is what the caller prefers; `waitMs` is 1000 to 30000, absent when the caller would not wait. */
export interface Preference {
  readonly waitMs?: number;
}

/**
 * parsePreferHeader reads the header, or several of them. A preference is a wish: one that is malformed, unknown or
 * zero is ignored, `wait` above 30 s is shortened to 30 s (`Preference-Applied` then says so), and of several
 * `wait` only the first counts, as RFC 7240 §2 asks. Never throws.
 */
export function parsePreferHeader(value: string | readonly string[] | undefined): Preference {
  // As nearly every request has it.
  if (value === undefined) return {};
  const preferences = [value].flat().flatMap((line) => line.match(PREFERENCE) ?? []);
  const wait = preferences.map((preference) => WAIT.exec(preference)).find((match) => match !== null);
  const seconds = SECONDS.exec(wait?.[1] ?? "");
  const waitMs = 1_000 * Math.min(Number(seconds?.[1] ?? 0), MAX_WAIT_SECONDS);
  return waitMs > 0 ? { waitMs } : {};
}

/** formatWaitPreference writes a wait of `waitMs`, for `Prefer` and `Preference-Applied` alike. */
export function formatWaitPreference(waitMs: number): string {
  return `wait=${waitMs / 1_000}`;
}

// Up to the next comma outside quotes.
const PREFERENCE = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/gs;
// The preference named wait, whatever its value.
const WAIT = /^[ \t]*wait[ \t]*(?:=[ \t]*([^;]*))?(?:;|$)/i;
const SECONDS = /^"?(\d+)"?[ \t]*$/;

/** locationHeader is the path of what was made or accepted. */
export const locationHeader = z.string().meta({
  description: "The path under which it can be read.",
  header: { id: "Location" },
  examples: ["/v1/handoffs/ho_0001JD9X5T2M7Q4RZK8WVNB3CY"],
});

/** idempotentReplayedHeader marks the answer to a repeat. */
export const idempotentReplayedHeader = z
  .literal("true")
  .exactOptional()
  .meta({
    description: "The idempotency key was known: nothing new was accepted.",
    header: { id: "IdempotentReplayed" },
  });

/** preferenceAppliedHeader answers `Prefer`. */
export const preferenceAppliedHeader = z
  .string()
  .exactOptional()
  .meta({
    description: "The wait that was honoured, at most 30 s; absent where none was asked for.",
    header: { id: "PreferenceApplied" },
    examples: ["wait=10"],
  });

/** noStoreHeader goes with secrets that are shown once. */
export const noStoreHeader = z
  .literal("no-store")
  .meta({ description: "No proxy may cache it.", header: { id: "CacheControl" } });

/** etagHeader names an answer's content: sent back as `If-None-Match`, it spares a body that is known. */
export const etagHeader = z
  .string()
  .meta({ description: "Send it as `If-None-Match` to be spared what you have.", header: { id: "ETag" } });
