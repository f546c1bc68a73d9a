/** `baton connectors pause` and `resume`: one connector, or everything. */
import { Command } from "commander";
import { createOperatorClient } from "../client-from-environment.ts";
import { Misuse } from "../command-errors.ts";
import { findConnector, formatAccountProjectEnvironment } from "../find-connector.ts";
import { awaitWithFlagsInRefusal, type FlagsByMember } from "../flag-names-in-refusals.ts";
import { JSON_OPTION } from "../option-parsers.ts";
import { formatInstantWithDistance, readFutureInstant } from "../parse-and-format-instants.ts";
import { type PrintOptions, printJsonOrText } from "../terminal-output.ts";

const PAUSE_AND_RESUME = {
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

export function createConnectorsPauseOrResumeCommand(name: keyof typeof PAUSE_AND_RESUME): Command {
  const words = PAUSE_AND_RESUME[name];
  const command = new Command(name)
    .description(words.description)
    .argument("[connector]", "its id, name or project")
    .option("--all", "everything, all connectors at once")
    .option("--note <text>", "why; the audit keeps it")
    .option(...JSON_OPTION);
  if (name === "pause")
    command.option("--until <when>", "go on by itself then: 30m from now, or 2026-11-29T10:00:00Z", readFutureInstant);
  return command.action(async (wanted: string | undefined, { all, json, ...body }: PauseOptions) => {
    if ((wanted === undefined) === (all === undefined)) throw new Misuse(`name a connector to ${name}, or --all`);
    const client = createOperatorClient();
    if (wanted === undefined)
      return printJsonOrText(
        await awaitWithFlagsInRefusal(FLAGS, client[name](body)),
        { json },
        (now) => `${words.all}${describeUntil(now)}`,
      );
    const { id } = await findConnector(client, wanted);
    const asked = name === "pause" ? client.pauseConnector(id, body) : client.resumeConnector(id, body);
    printJsonOrText(await awaitWithFlagsInRefusal(FLAGS, asked), { json }, (connector) => {
      return `${connector.name} (${formatAccountProjectEnvironment(connector)}, ${id}) ${words.one}.${describeUntil(connector)}`;
    });
  });
}

interface PauseOptions extends PrintOptions {
  readonly all?: true;
  readonly until?: string;
  readonly note?: string;
}

/** FLAGS are what the API's members are called here. */
const FLAGS: FlagsByMember = { until: "--until", note: "--note" };

function describeUntil({ pausedUntil }: { readonly pausedUntil?: string | undefined }): string {
  if (pausedUntil === undefined) return "";
  const end = ` It goes on by itself ${formatInstantWithDistance(pausedUntil)}.`;
  return `${end} A handoff whose deadline is before that is refused (429): it could not be sent in time.`;
}
