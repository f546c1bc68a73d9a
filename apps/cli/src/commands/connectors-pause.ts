/** `baton connectors pause` and `resume`: one connector, or everything. */
import { Command } from "commander";
import { Misuse } from "../command-errors.ts";
import { connectAsOperator } from "../connection.ts";
import { findConnector, projectOf } from "../find-connector.ts";
import { JSON_OPTION } from "../options.ts";
import { type Printing, print } from "../output.ts";

const SWITCHES = {
  pause: {
    description: "stop sending: handoffs are still accepted and wait, and die of their deadline if it comes first",
    all: "Everything is paused: handoffs are accepted, none is sent.",
    one: "is paused: its handoffs are accepted, none is sent",
  },
  resume: {
    description: "send again: what waited goes on at the connector's rate",
    all: "Everything goes on; connectors that are paused by themselves stay so.",
    one: "goes on",
  },
} as const;

export function connectorsSwitchCommand(name: keyof typeof SWITCHES): Command {
  const words = SWITCHES[name];
  return new Command(name)
    .description(words.description)
    .argument("[connector]", "its id, name or project")
    .option("--all", "everything, all connectors at once")
    .option(...JSON_OPTION)
    .action(async (wanted: string | undefined, { all, json }: Printing & { readonly all?: true }) => {
      if ((wanted === undefined) === (all === undefined)) throw new Misuse(`name a connector to ${name}, or --all`);
      const client = connectAsOperator();
      if (wanted === undefined) return print(await client[name](), { json }, () => words.all);
      const { id } = await findConnector(client, wanted);
      const switched = await (name === "pause" ? client.pauseConnector(id) : client.resumeConnector(id));
      print(switched, { json }, (connector) => `${connector.name} (${projectOf(connector)}, ${id}) ${words.one}.`);
    });
}
