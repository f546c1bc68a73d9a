/** The environment: every variable read once, at the start, and every fault reported together. */
import { readFileSync } from "node:fs";
import { closestMatch } from "leven";
import type { z } from "zod";
import { ConfigurationFault } from "./configuration-fault.ts";
import { variables } from "./environment-variable-schemas.ts";

/** PREFIX of every variable of ours: an unknown name that begins so is a typing error. */
const PREFIX = "BATON_";
/** Ours as well, read by no process: docker-compose.yml's, and those of the tests. */
const KNOWN_ELSEWHERE = [
  "BATON_IMAGE",
  "BATON_MEM_LIMIT",
  "BATON_SECRETS",
  "BATON_TEST_DEAD_LETTERS",
  "BATON_TEST_EVERY_PAGE",
  "BATON_TEST_REDIS",
  "BATON_TEST_RESEAL",
  "BATON_TEST_RUN",
];

/** EnvironmentSchema gives each variable's name a schema that reads its text; unset and empty read as undefined. */
type EnvironmentSchema = Readonly<Record<string, z.ZodType>>;
export type Environment<S extends EnvironmentSchema> = { readonly [Name in keyof S]: z.output<S[Name]> };

/**
 * readEnvironment reads the variables of `schema`, each from itself or from the file that `<name>_FILE` names (its last
 * line break dropped). Throws a ConfigurationFault with all faults, one of them for each unknown `BATON_…`;
 * what Kubernetes sets from services is not there for it.
 *
 * A schema's messages are shown as they are, so they must not repeat the value; a required variable is
 * explained by its schema's description.
 */
export function readEnvironment<S extends EnvironmentSchema>(
  schema: S,
  env: NodeJS.ProcessEnv = process.env,
): Environment<S> {
  const faults = [...faultsOfUnknownNames(schema, env)];
  const read = Object.entries(schema).map(([name, type]): [string, unknown] => {
    const variable = readVariable(name, type, env);
    faults.push(...variable.faults);
    return [name, variable.value];
  });
  if (faults.length > 0) throw new ConfigurationFault(faults);
  return Object.fromEntries(read) as Environment<S>;
}

/** isVariableGiven says whether a variable is set, itself or by its file. */
export function isVariableGiven(env: NodeJS.ProcessEnv, name: string): boolean {
  return Boolean(ownValueOf(env, name) || env[`${name}_FILE`]);
}

interface Variable {
  readonly value?: unknown;
  readonly faults: readonly string[];
}

function readVariable(name: string, type: z.ZodType, env: NodeJS.ProcessEnv): Variable {
  const text = readVariableText(name, env);
  if (text.fault !== undefined) return { faults: [text.fault] };
  const result = type.safeParse(text.value);
  if (result.success) return { value: result.data, faults: [] };
  if (text.value === undefined) return { faults: [`${name} is required: ${type.description ?? "it has no default"}`] };
  return { faults: result.error.issues.map((issue) => `${name}: ${issue.message}`) };
}

function readVariableText(
  name: string,
  env: NodeJS.ProcessEnv,
): { readonly value?: string | undefined; readonly fault?: string } {
  const value = ownValueOf(env, name);
  const file = env[`${name}_FILE`] || undefined;
  if (file === undefined) return { value };
  if (value !== undefined) return { fault: `${name} and ${name}_FILE are both set; keep one` };
  const shown = shownPath(file);
  try {
    const content = readFileSync(file, "utf8").replace(/\r?\n$/, "");
    // Taken for none, a proxy or a list of proxies would be left out without a word.
    return content === "" ? { fault: `${name}_FILE: ${shown} is empty` } : { value: content };
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? error.code : error;
    return { fault: `${name}_FILE: cannot read ${shown} (${reason})` };
  }
}

/** shownPath gives a path as it is, and none of a value that stands where a path belongs: it may be a secret. */
function shownPath(file: string): string {
  return /^\.{0,2}\//.test(file) ? file : "the file that it names; write a path that begins with / or ./";
}

/** What Kubernetes set under the name of one of ours is not there. */
function ownValueOf(env: NodeJS.ProcessEnv, name: string): string | undefined {
  const value = env[name] || undefined;
  return value !== undefined && isServiceLink(name, value) ? undefined : value;
}

/**
 * faultsOfUnknownNames gives a fault for each variable that is set and that no process reads, with the name that is
 * written most alike.
 */
function faultsOfUnknownNames(schema: EnvironmentSchema, env: NodeJS.ProcessEnv): readonly string[] {
  const ours = withFiles([...Object.keys(variables), ...Object.keys(schema)]);
  const known = new Set([...ours, ...withFiles(KNOWN_ELSEWHERE)]);
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith(PREFIX) && !known.has(name) && ownValueOf(env, name) !== undefined,
  );
  return unknown.map((name) => `${name}: there is no such variable; the nearest is ${closestMatch(name, ours)}`);
}

function withFiles(names: readonly string[]): readonly string[] {
  return names.flatMap((name) => [name, `${name}_FILE`]);
}

/**
 * SERVICE_LINK is a variable that Kubernetes sets in every container for each service of its namespace, named after
 * the service. Of a service `baton-admin`: `BATON_ADMIN_SERVICE_HOST`, `…_SERVICE_PORT_HTTP`,
 * `BATON_ADMIN_PORT_8081_TCP_ADDR`, …
 */
const SERVICE_LINK =
  /^BATON_(?:[A-Z0-9_]+_)?(?:SERVICE_HOST|SERVICE_PORT(?:_[A-Z0-9_]+)?|PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?)$/;
/** `BATON_ADMIN_PORT` is a port of ours and a service's address: its value shows which. */
const SERVICE_PORT_NAME = /^BATON_(?:[A-Z0-9_]+_)?PORT$/;
const SERVICE_ADDRESS = /^(?:tcp|udp|sctp):\/\//;

/** isServiceLink says whether Kubernetes made this variable: it says nothing to Baton. */
function isServiceLink(name: string, value: string): boolean {
  return SERVICE_LINK.test(name) || (SERVICE_PORT_NAME.test(name) && SERVICE_ADDRESS.test(value));
}
