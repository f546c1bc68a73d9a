/** `baton handoff <id>`: one handoff as it stands. */
import { type BatonClient, type HandoffJson, ProblemError } from "@baton/api";
import { Command } from "commander";
import { createProjectOrOperatorClient, type ProjectOrOperatorClient } from "../client-from-environment.ts";
import { handoffRemedy } from "../dead-letter-remedy.ts";
import { readConnectorNames } from "../find-connector.ts";
import { readDeadLetterCause } from "../handoff-cause-and-replays.ts";
import { describeHandoff } from "../handoff-view.ts";
import { JSON_OPTION } from "../options.ts";
import { type PrintOptions, printHint, printJsonOrText } from "../output.ts";
import { handoffCancelCommand, handoffSearchCommand } from "./handoff-search.ts";

const HELP = `
With BATON_TOKEN it asks ingress, as the project whose handoff it is; with BATON_ADMIN_KEY it asks admin, who knows
all. With both, it asks ingress first.`;

export function handoffCommand(): Command {
  return (
    new Command("handoff")
      .description("show a handoff and its attempts; search for some, cancel one")
      // What follows a subcommand is the subcommand's, here and in the program: --json is on both.
      .enablePositionalOptions()
      .argument("<id>", "ho_…")
      .option(...JSON_OPTION)
      .addHelpText("after", HELP)
      .addCommand(handoffSearchCommand())
      .addCommand(handoffCancelCommand())
      .action(show)
  );
}

async function show(id: string, printing: PrintOptions): Promise<void> {
  const { handoff, operator } = await readHandoff(id, createProjectOrOperatorClient());
  const nameOf =
    printing.json === true || operator === undefined
      ? undefined
      : await readConnectorNames(operator, [handoff.connectorId]);
  printJsonOrText(handoff, printing, () => describeHandoff(handoff, nameOf));
  if (printing.json === true) return;
  const remedy = handoffRemedy(handoff, operator && (await readDeadLetterCause(operator, handoff)));
  if (remedy !== undefined) printHint(`\n${remedy}`);
}

/** FoundHandoff is a handoff and who knew it. */
export interface FoundHandoff {
  readonly handoff: HandoffJson;
  /** Who may ask admin for more, where there is an admin key. */
  readonly operator?: BatonClient;
}

/** readHandoff asks admin where ingress does not know the handoff: another project's is 404 there. */
export async function readHandoff(id: string, access: ProjectOrOperatorClient): Promise<FoundHandoff> {
  if (access.as === "operator") return { handoff: await access.client.handoff(id), operator: access.client };
  const { client, operator } = access;
  try {
    return { handoff: await client.get(id), ...(operator && { operator }) };
  } catch (error) {
    if (!(error instanceof ProblemError) || error.status !== 404) throw error;
    if (operator !== undefined) return { handoff: await operator.handoff(id), operator };
    throw new Error(`${error.message}; it may be another project's: with BATON_ADMIN_KEY, admin is asked too`);
  }
}
