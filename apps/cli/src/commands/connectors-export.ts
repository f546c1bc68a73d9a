/** `baton connectors export`: connectors into a file that `apply` takes. */
import { writeFileSync } from "node:fs";
import { Command } from "commander";
import { createOperatorClient } from "../client-from-environment.ts";
import { Misuse } from "../command-errors.ts";
import { findConnector, readAllConnectors } from "../find-connector.ts";
import { pluralize } from "../number-format.ts";
import { JSON_OPTION } from "../option-parsers.ts";
import type { PrintOptions } from "../terminal-output.ts";

const HELP = `
Secrets never come out of Baton: each stands there as \${NAME}, named after its project. Set them, and \`apply\` says "unchanged".`;

export function createConnectorsExportCommand(): Command {
  return new Command("export")
    .description("write connectors as `apply` takes them, without their secrets")
    .argument("[ids...]", "which: by id, name or project; without any, all")
    .option("--output <file>", "write there; JSON where it ends in .json, else YAML")
    .option(...JSON_OPTION)
    .addHelpText("after", HELP)
    .action(exportToFileOrStdout);
}

async function exportToFileOrStdout(
  ids: readonly string[],
  { output, json }: PrintOptions & { readonly output?: string },
): Promise<void> {
  const client = createOperatorClient();
  const connectors =
    ids.length === 0 ? await readAllConnectors(client) : await Promise.all(ids.map((id) => findConnector(client, id)));
  const { createConnectorExport, formatConnectorExport } = await import("../connector-export.ts");
  const exported = createConnectorExport(connectors);
  const text = formatConnectorExport(exported, json === true || output?.endsWith(".json") === true ? "json" : "yaml");
  if (output === undefined) return void process.stdout.write(text);
  writeExport(output, text);
  const variables = exported.variables.map((name) => `\n  ${name}`).join("");
  process.stderr.write(
    `${pluralize(connectors.length, "connector")} in ${output}; before it is applied, set:${variables}\n`,
  );
}

function writeExport(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw new Misuse(`cannot write ${file}`, { cause });
  }
}
