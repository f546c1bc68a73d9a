/** `baton handoff <id>`: one handoff as it stands. */
import { Command } from "commander";
import { connectAsEither } from "../connection.ts";
import { describeHandoff } from "../handoff-view.ts";
import { JSON_OPTION } from "../option.ts";
import { type Printing, print } from "../print.ts";

const HELP = `
With BATON_TOKEN it asks ingress, as the project whose handoff it is; else, with BATON_ADMIN_KEY, it asks admin.`;

export function handoffCommand(): Command {
  return new Command("handoff")
    .description("show a handoff and its attempts")
    .argument("<id>", "ho_…")
    .option(...JSON_OPTION)
    .addHelpText("after", HELP)
    .action(async (id: string, printing: Printing) => {
      const { client, as } = connectAsEither();
      print(as === "project" ? await client.get(id) : await client.handoff(id), printing, describeHandoff);
    });
}
