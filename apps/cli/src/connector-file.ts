/** A connector in a file: JSON as the admin API takes it, with secrets as `${ENV_NAME}`. */
import { readFileSync } from "node:fs";
import type { ConnectorBody } from "@baton/api";
import { ConfigurationFault } from "@baton/runtime";
import { Misuse } from "./exit-code.ts";

const REFERENCE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;
const STDIN = 0;

/**
 * readConnectorFile reads `file`, or stdin for `-`. `${NAME}` inside a text stands for the variable of that name. Throws Misuse for a
 * file that is no JSON, and a ConfigurationFault that names every variable that is not set. What is in it, the API judges.
 */
export function readConnectorFile(file: string, env: NodeJS.ProcessEnv = process.env): ConnectorBody {
  const missing = new Set<string>();
  const fill = (_key: string, value: unknown) => (typeof value === "string" ? value.replaceAll(REFERENCE, lookUp) : value);
  const lookUp = (reference: string, name: string) => {
    if (!env[name]) missing.add(name);
    return env[name] ?? reference;
  };
  const connector = parse(readText(file), { file, fill });
  if (missing.size > 0) throw new ConfigurationFault([...missing].map((name) => `${name} is required: ${file} refers to it`));
  return connector as ConnectorBody;
}

function readText(file: string): string {
  try {
    return readFileSync(file === "-" ? STDIN : file, "utf8");
  } catch (error) {
    throw new Misuse(`cannot read ${file}; name a file with a connector as JSON, or - for stdin`, { cause: error });
  }
}

function parse(text: string, { file, fill }: { file: string; fill: (key: string, value: unknown) => unknown }): unknown {
  try {
    return JSON.parse(text, fill);
  } catch {
    throw new Misuse(`${file === "-" ? "stdin" : file} is not JSON; \`baton connectors create --help\` shows a connector`);
  }
}
