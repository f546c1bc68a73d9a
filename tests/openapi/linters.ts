/** Redocly and Spectral, with their recommended rules. */
import { cpSync } from "node:fs";
import { join } from "node:path";
import { run } from "../tools/run.ts";
import type { CheckContext } from "./main.ts";
import { FOLDER } from "./tools.ts";

/**
 * checkWithLinters lets warnings count as faults; what is taken back of the rules stands in each configuration, with
 * why.
 */
export async function checkWithLinters({ folder, tools }: CheckContext): Promise<void> {
  for (const name of ["redocly.yaml", ".redocly.lint-ignore.yaml", "spectral.yaml"])
    cpSync(join(FOLDER, name), join(folder, name));
  const bin = (name: string) => join(tools.npm, "node_modules/.bin", name);
  const options = { cwd: folder, env: { REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true" } };
  const documents = ["ingress.json", "admin.json"];
  const redocly = await run([bin("redocly"), "lint", "--format=stylish", ...documents], options);
  if (/\b[1-9]\d* warning/.test(redocly)) throw new Error(redocly);
  await run([bin("spectral"), "lint", "--ruleset=spectral.yaml", "--fail-severity=hint", ...documents], options);
}
