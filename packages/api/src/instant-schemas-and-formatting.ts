/** Instants in bodies and answers: RFC 3339 outside, epoch milliseconds inside. */
import { z } from "zod";

/** instantSchema is an instant in an answer. */
export const instantSchema = z.string().meta({ format: "date-time", examples: ["2026-11-23T10:15:30.123Z"] });

/** instantInputSchema reads a caller's instant, any RFC 3339 offset, into epoch milliseconds. */
export const instantInputSchema = z.iso
  .datetime({ offset: true, error: "send an RFC 3339 instant with an offset, such as 2026-11-23T10:15:30.123Z" })
  .transform((text) => Date.parse(text))
  .meta({ type: "string", format: "date-time" });

/** formatInstant writes epoch milliseconds as RFC 3339 UTC with milliseconds. */
export function formatInstant(at: number): string {
  return new Date(at).toISOString();
}

type InstantName<T> = { [name in keyof T]-?: NonNullable<T[name]> extends number ? name : never }[keyof T];

/** pickFormattedInstants writes the named members of `from`; those absent stay absent. */
export function pickFormattedInstants<T extends object, K extends InstantName<T>>(
  from: T,
  names: readonly K[],
): { [name in keyof Pick<T, K>]: string } {
  const written: Partial<Record<K, string>> = {};
  for (const name of names) {
    const at: unknown = from[name];
    if (typeof at === "number") written[name] = formatInstant(at);
  }
  return written as { [name in keyof Pick<T, K>]: string };
}
