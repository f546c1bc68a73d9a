/** Fields of answers: picked by name, instants as RFC 3339 UTC with milliseconds. */
import { z } from "zod";

/**
 * pick copies the named members, leaving out those that are absent. Answers are built from names, never
 * from a spread: what a record holds besides (parameters, context, credentials) cannot slip out.
 */
export function pick<T extends object, K extends keyof T>(from: T, names: readonly K[]): Pick<T, K> {
  return Object.fromEntries(names.filter((name) => from[name] !== undefined).map((name) => [name, from[name]])) as Pick<
    T,
    K
  >;
}

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

/** formatInstants writes the named members of `from`; those absent stay absent. */
export function formatInstants<T extends object, K extends InstantName<T>>(
  from: T,
  names: readonly K[],
): { [name in keyof Pick<T, K>]: string } {
  const written = names.flatMap((name) => {
    const at: unknown = from[name];
    return typeof at === "number" ? [[name, formatInstant(at)]] : [];
  });
  return Object.fromEntries(written);
}
