/** `baton handoff <id>`: one handoff as it stands. */

import { describeDeadHandoffRemedy } from "@baton/api/dead-letter-remedy";
import { Command } from "commander";
import { createProjectOrOperatorClient } from "../client-from-environment.ts";
import { readConnectorNamesByIds } from "../find-connector.ts";
import { findHandoffAtIngressOrAdmin } from "../handoff-from-ingress-or-admin.ts";
import { describeHandoff } from "../handoff-view.ts";
import { JSON_OPTION } from "../option-parsers.ts";
import { readCauseOfDeadHandoff } from "../read-handoff-cause-and-replays.ts";
import { type PrintOptions, printHint, printJsonOrText } from "../terminal-output.ts";
import { createHandoffCancelCommand } from "./handoff-cancel.ts";
import { createHandoffSearchCommand } from "./handoff-search.ts";

const HELP = `
With BATON_TOKEN it asks ingress, as the project whose handoff it is; with BATON_ADMIN_KEY it asks admin, who knows
all. With both, it asks ingress first.`;

export function createHandoffCommand(): Command {
  return (
    new Command("handoff")
      .description("show a handoff and its attempts; search for some, cancel one")
      // What follows a subcommand is the subcommand's, here and in the program: --json is on both.
      .enablePositionalOptions()
      .argument("<id>", "ho_…")
      .option(...JSON_OPTION)
      .addHelpText("after", HELP)
      .addCommand(createHandoffSearchCommand())
      .addCommand(createHandoffCancelCommand())
      .action(showHandoff)
  );
}

async function showHandoff(id: string, printing: PrintOptions): Promise<void> {
  const { handoff, operator } = await findHandoffAtIngressOrAdmin(id, createProjectOrOperatorClient());
  const nameOf =
    printing.json === true || operator === undefined
      ? undefined
      : await readConnectorNamesByIds(operator, [handoff.connectorId]);
  printJsonOrText(handoff, printing, () => describeHandoff(handoff, nameOf));
  if (printing.json === true) return;
  const remedy = describeDeadHandoffRemedy(handoff, operator && (await readCauseOfDeadHandoff(operator, handoff)));
  if (remedy !== undefined) printHint(`\n${remedy}`);
}
