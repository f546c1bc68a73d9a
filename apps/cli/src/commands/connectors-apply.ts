/** `baton connectors apply`: connectors as a file says they shall be. */
import { Command } from "commander";
import { type AppliedConnector, type ApplyResult, applyConnectors } from "../apply-connectors.ts";
import { createOperatorClient } from "../client-from-environment.ts";
import { EXIT } from "../command-errors.ts";
import { JSON_OPTION } from "../option-parsers.ts";
import { openProgressLine, type PrintOptions, printJsonOrText, terminalWidthIfAny } from "../terminal-output.ts";
import { type Column, formatTable } from "../text-table.ts";

/** CONNECTOR_HELP shows a connector in a file. */
export const CONNECTOR_HELP = `
A file holds one connector, or a list of them, as YAML or JSON. \${NAME} in it stands for a variable of the environment:

  - name: Acme support line
    accountId: acme
    projectId: support-line
    pseudoNumbers: [+15550100100]
    credentials:
      clientId: baton@acme
      clientSecret: \${CXONE_CLIENT_SECRET}
      accessKeyId: \${CXONE_ACCESS_KEY_ID}
      accessKeySecret: \${CXONE_ACCESS_KEY_SECRET}
    delivery: { deadlineMs: 30000 }

The other members are those of POST /admin/v1/connectors, see /docs of admin.`;

const HELP = `${CONNECTOR_HELP}

Connectors are known by accountId, projectId and environment. Of one that is there, the members given are replaced,
the others stay; null puts one back to its default. All are tried out first: where one is refused, none is sent.
Applying the same file again changes nothing.`;

export function createConnectorsApplyCommand(): Command {
  return new Command("apply")
    .description("create connectors from a file, or change those that are there")
    .argument("<file>", "YAML or JSON; - reads stdin")
    .option("--dry-run", "say what would be changed, and change nothing")
    .option(...JSON_OPTION)
    .addHelpText("after", HELP)
    .action(apply);
}

async function apply(
  file: string,
  { dryRun = false, json }: PrintOptions & { readonly dryRun?: boolean },
): Promise<void> {
  const { readConnectorFile } = await import("../connector-file.ts");
  const { connectors, literals } = readConnectorFile(file);
  for (const literal of literals)
    process.stderr.write(`warning: ${literal} stands in the file itself; write \${NAME}, and keep it elsewhere\n`);
  const progress = openProgressLine();
  const results = await applyConnectors(createOperatorClient(), connectors, { dryRun, onStep: progress.say }).finally(
    progress.clear,
  );
  printJsonOrText({ dryRun, results }, { json }, () => describeResults(results, dryRun));
  if (results.some(({ result }) => result === "failed" || result === "not-sent")) process.exitCode = EXIT.failed;
}

const RESULTS: Readonly<Record<ApplyResult, string>> = {
  "to-create": "would be created",
  "to-change": "would be changed",
  created: "created",
  changed: "changed",
  unchanged: "unchanged",
  failed: "failed",
  "not-sent": "not sent",
};

const COLUMNS: readonly Column<AppliedConnector>[] = [
  { title: "PROJECT", text: ({ project }) => project, flexible: "cut" },
  { title: "CONNECTOR", text: ({ connectorId }) => connectorId ?? "" },
  { title: "RESULT", text: ({ result }) => RESULTS[result] },
  { title: "CHANGED", text: formatChangedMembers, flexible: "cut" },
];

/** formatChangedMembers names members; of a new connector, all are new. */
function formatChangedMembers({ result, changed }: AppliedConnector): string {
  if (result === "created" || result === "to-create") return "";
  return changed.map((pointer) => pointer.slice(1).replaceAll("/", ".")).join(", ");
}

function describeResults(results: readonly AppliedConnector[], dryRun: boolean): string {
  const failures = results.flatMap(({ project, detail }) => (detail === undefined ? [] : [`${project}: ${detail}`]));
  const totals = Object.entries(RESULTS).flatMap(([result, words]) => {
    const number = results.filter((each) => each.result === result).length;
    return number === 0 ? [] : [`${number} ${words}`];
  });
  const nothing = dryRun ? " (dry run: nothing was sent)" : "";
  return [
    formatTable(results, COLUMNS, terminalWidthIfAny()),
    "",
    ...failures,
    ...(failures.length > 0 ? [""] : []),
    totals.join(", ") + nothing,
  ].join("\n");
}
