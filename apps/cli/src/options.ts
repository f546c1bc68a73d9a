/** How options and arguments are written, and what is said of one that cannot be read. */
import { PARAM_NAMES, type ParamName, type Params } from "@baton/domain";
import { duration } from "@baton/runtime/environment-variables";
import { InvalidArgumentError } from "commander";

/** JSON_OPTION is on every command that shows something. */
export const JSON_OPTION = ["--json", "print JSON"] as const;

/** readDuration reads `500ms`, `30s`, `5m`, `24h` or `30d` into milliseconds. */
export function readDuration(text: string): number {
  const read = duration.safeParse(text);
  if (read.success) return read.data;
  throw new InvalidArgumentError(read.error.issues.map(({ message }) => `${message}.`).join(" "));
}

/** readParam reads `p1=Escalate` and adds it to those before it. */
export function readParam(text: string, before: Params = {}): Params {
  const equals = text.indexOf("=");
  const name = PARAM_NAMES.find((each) => each === text.slice(0, Math.max(0, equals)));
  if (name === undefined) throw new InvalidArgumentError("Expected p1=… to p9=….");
  if (before[name] !== undefined) throw new InvalidArgumentError(`${name} is given twice.`);
  return { ...before, [name satisfies ParamName]: text.slice(equals + 1) };
}

/** readJsonObject reads a JSON object. */
export function readJsonObject(text: string): Record<string, unknown> {
  const value = parse(text);
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new InvalidArgumentError('Expected a JSON object, such as {"intent":"billing"}.');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
