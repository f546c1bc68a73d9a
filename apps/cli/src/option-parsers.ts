/** How options and arguments are written, and what is said of one that cannot be read. */
import {
  findInexactNumberPaths,
  formatJsonPointer,
  MAX_RUN_RATE,
  markInexactNumbersInJson,
  PARAM_NAMES,
  type ParamName,
  type Params,
} from "@baton/domain";
import { duration } from "@baton/runtime/environment-variable-schemas";
import { InvalidArgumentError } from "commander";

/** JSON_OPTION is on every command that shows something. */
export const JSON_OPTION = ["--json", "print JSON"] as const;

/** givenOptions leaves out what is not given: what the API takes has no member that is undefined. */
export function givenOptions<T extends object>(
  options: T,
): { readonly [Name in keyof T]?: Exclude<T[Name], undefined> } {
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given) as { readonly [Name in keyof T]?: Exclude<T[Name], undefined> };
}

/** readDuration reads `500ms`, `30s`, `5m`, `24h` or `30d` into milliseconds. */
export function readDuration(text: string): number {
  const read = duration.safeParse(text);
  if (read.success) return read.data;
  throw new InvalidArgumentError(read.error.issues.map(({ message }) => `${message}.`).join(" "));
}

/** createDurationReader reads a duration from `least` to `most`, which are written as durations themselves. */
export function createDurationReader(least: string, most: string): (text: string) => number {
  const [leastMs, mostMs] = [readDuration(least), readDuration(most)];
  return (text) => {
    const ms = readDuration(text);
    if (ms >= leastMs && ms <= mostMs) return ms;
    throw new InvalidArgumentError(`Expected a duration, ${least} to ${most}.`);
  };
}

/** readDeadline reads how long Baton tries a handoff: what the API takes. */
export const readDeadline = createDurationReader("1s", "24h");

/** createWholeNumberReader reads whole numbers of at most nine digits, from `least` to `most`. */
export function createWholeNumberReader(least: number, most?: number): (text: string) => number {
  return (text) => {
    const number = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    if (number >= least && number <= (most ?? number)) return number;
    throw new InvalidArgumentError(
      `Expected a whole number, ${least} ${most === undefined ? "or more" : `to ${most}`}.`,
    );
  };
}

/** readRunRate reads dead letters a second, 1 to 5000; `2.5` is one. */
export function readRunRate(text: string): number {
  const rate = parseDecimal(text);
  if (rate >= 1 && rate <= MAX_RUN_RATE) return rate;
  throw new InvalidArgumentError(`Expected a number, 1 to ${MAX_RUN_RATE}; to stop for a while, pause the run.`);
}

/** readFraction reads a part of a whole, 0 to 1: half is `0.5`. */
export function readFraction(text: string): number {
  const part = parseDecimal(text);
  if (part >= 0 && part <= 1) return part;
  throw new InvalidArgumentError("Expected a part, 0 to 1, such as 0.5 for half.");
}

/** parseDecimal gives NaN for all but digits and one point: `Number.parseFloat` would take `5x` for 5. */
function parseDecimal(text: string): number {
  return /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
}

/** collectSignalParam reads `p1=Escalate` and adds it to those before it. */
export function collectSignalParam(text: string, before: Params = {}): Params {
  const equals = text.indexOf("=");
  const name = PARAM_NAMES.find((each) => each === text.slice(0, Math.max(0, equals)));
  if (name === undefined) throw new InvalidArgumentError("Expected p1=… to p9=….");
  if (before[name] !== undefined) throw new InvalidArgumentError(`${name} is given twice.`);
  return { ...before, [name satisfies ParamName]: text.slice(equals + 1) };
}

/**
 * parseJsonObjectOption reads a JSON object, and refuses numbers that would be sent otherwise than they are written.
 */
export function parseJsonObjectOption(text: string): Record<string, unknown> {
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new InvalidArgumentError('Expected a JSON object, such as {"intent":"billing"}.');
  const [inexact] = findInexactNumberPaths(markInexactNumbersInJson(text, value));
  if (inexact === undefined) return value as Record<string, unknown>;
  throw new InvalidArgumentError(`${formatJsonPointer(inexact)} would lose digits as a number. Send it as text.`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
