/** The environment: every variable read once, at the start, and every fault told together. */
import { readFileSync } from "node:fs";
import type { z } from "zod";

/** EXIT_CONFIGURATION is what a process exits with when its configuration is at fault (EX_CONFIG of sysexits.h). */
export const EXIT_CONFIGURATION = 78;

/** EnvironmentSchema gives each variable's name a schema that reads its text; unset and empty read as undefined. */
export type EnvironmentSchema = Readonly<Record<string, z.ZodType>>;
export type Environment<S extends EnvironmentSchema> = { readonly [Name in keyof S]: z.output<S[Name]> };

/** ConfigurationFault lists everything that is wrong with the environment: a variable's name and what would be accepted, never its value. */
export class ConfigurationFault extends Error {
  override readonly name = "ConfigurationFault";
  readonly faults: readonly string[];

  constructor(faults: readonly string[]) {
    super(`the configuration is not valid:\n${faults.map((fault) => `  ${fault}`).join("\n")}`);
    this.faults = faults;
  }
}

/**
 * readEnvironment reads the variables of `schema`, each from itself or from the file that `<name>_FILE` names
 * (its last line break dropped). Throws a ConfigurationFault with all faults.
 *
 * A schema's messages are shown as they are, so they must not repeat the value; a required variable is
 * explained by its schema's description.
 */
export function readEnvironment<S extends EnvironmentSchema>(schema: S, env: NodeJS.ProcessEnv = process.env): Environment<S> {
  const faults: string[] = [];
  const read = Object.entries(schema).map(([name, type]): [string, unknown] => {
    const variable = readVariable(name, type, env);
    faults.push(...variable.faults);
    return [name, variable.value];
  });
  if (faults.length > 0) throw new ConfigurationFault(faults);
  return Object.fromEntries(read) as Environment<S>;
}

/** exitOnConfigurationFault gives what `read` gives; on a ConfigurationFault it prints all faults to stderr and exits 78. */
export function exitOnConfigurationFault<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof ConfigurationFault)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CONFIGURATION);
  }
}

interface Variable {
  readonly value?: unknown;
  readonly faults: readonly string[];
}

function readVariable(name: string, type: z.ZodType, env: NodeJS.ProcessEnv): Variable {
  const text = textOf(name, env);
  if (text.fault !== undefined) return { faults: [text.fault] };
  const result = type.safeParse(text.value);
  if (result.success) return { value: result.data, faults: [] };
  if (text.value === undefined) return { faults: [`${name} is required: ${type.description ?? "it has no default"}`] };
  return { faults: result.error.issues.map((issue) => `${name}: ${issue.message}`) };
}

function textOf(name: string, env: NodeJS.ProcessEnv): { readonly value?: string | undefined; readonly fault?: string } {
  const value = env[name] || undefined;
  const file = env[`${name}_FILE`] || undefined;
  if (file === undefined) return { value };
  if (value !== undefined) return { fault: `${name} and ${name}_FILE are both set; keep one` };
  try {
    return { value: readFileSync(file, "utf8").replace(/\r?\n$/, "") || undefined };
  } catch (error) {
    const reason = error instanceof Error && "code" in error ? error.code : error;
    return { fault: `${name}_FILE: cannot read ${file} (${reason})` };
  }
}
