/** `baton explain`: what Baton would do about an answer of CXone's. */
import {
  type BatonClient,
  type ConnectorJson,
  type ExplainBody,
  type ReceivedExplanation,
  UNANSWERED,
} from "@baton/api";
import { Command, Option } from "commander";
import { createOperatorClient } from "../client-from-environment.ts";
import { Misuse } from "../command-errors.ts";
import { CONNECTOR_OPTION, findConnector } from "../find-connector.ts";
import { awaitWithFlagsInRefusal, type FlagsByMember } from "../flag-names-in-refusals.ts";
import { createWholeNumberReader, givenOptions, JSON_OPTION, readDuration } from "../option-parsers.ts";
import { type PrintOptions, printHint, printJsonOrText, readableTextWidth } from "../terminal-output.ts";
import { wrap } from "../text-table.ts";

interface ExplainOptions extends PrintOptions {
  readonly connectorId?: string;
  readonly status?: number;
  readonly retryAfter?: string;
  readonly unanswered?: (typeof UNANSWERED)[number];
  readonly attempt?: number;
  readonly elapsed?: number;
}

/** FLAGS are what the API's members are called here. */
const FLAGS: FlagsByMember = {
  answer: "--status",
  attempt: "--attempt",
  elapsedMs: "--elapsed",
  connectorId: "--connector",
};

const HELP = `
Examples: baton explain --status 429 --retry-after 12
          baton explain --unanswered timeout --attempt 3 --connector acme/support-line`;

export function createExplainAnswerCommand(): Command {
  return new Command("explain")
    .description("say what Baton would do about an answer of CXone's; sends nothing")
    .addOption(
      new Option("--status <status>", "CXone's answer, 200 to 599")
        .argParser(createWholeNumberReader(200, 599))
        .conflicts("unanswered"),
    )
    .option("--retry-after <seconds or date>", "the answer's Retry-After")
    .addOption(new Option("--unanswered <how>", "instead of an answer").choices(UNANSWERED))
    .option("--attempt <number>", "which attempt is answered so; the first unless said", createWholeNumberReader(1))
    .option("--elapsed <duration>", "how much of the deadline is over by then, such as 20s", readDuration)
    .option(CONNECTOR_OPTION[0], "by whose delivery policy: id, name or project; the oldest connector's unless said")
    .option(...JSON_OPTION)
    .addHelpText("after", HELP)
    .action(explainAnswer);
}

async function explainAnswer(options: ExplainOptions): Promise<void> {
  const { attempt, elapsed } = options;
  const answer = answerFromOptions(options);
  const client = createOperatorClient();
  const { id, name } = await findConnectorOrOldest(client, options.connectorId);
  const explanation = await awaitWithFlagsInRefusal(
    FLAGS,
    client.explain({ connectorId: id, answer, ...givenOptions({ attempt, elapsedMs: elapsed }) }),
  );
  printJsonOrText(explanation, options, describeExplanation);
  if (options.json !== true) printHint(`\nThat is ${name}'s delivery policy; --connector names another.`);
}

function answerFromOptions({ status, retryAfter, unanswered }: ExplainOptions): ExplainBody["answer"] {
  if (status !== undefined)
    return { status, ...(retryAfter !== undefined && { headers: { "Retry-After": retryAfter } }) };
  if (unanswered === undefined)
    throw new Misuse(`say what CXone answers: --status, or --unanswered ${UNANSWERED.join("|")}`);
  if (retryAfter !== undefined)
    throw new Misuse("--retry-after goes with --status: who gives no answer asks for nothing");
  return unanswered;
}

async function findConnectorOrOldest(client: BatonClient, wanted: string | undefined): Promise<ConnectorJson> {
  if (wanted !== undefined) return await findConnector(client, wanted);
  const [oldest] = (await client.connectors({ limit: 1 })).items;
  if (oldest === undefined)
    throw new Error("there is no connector whose delivery policy could say it; `baton connectors create` makes one");
  return oldest;
}

function describeExplanation({ outcome, text }: ReceivedExplanation): string {
  const width = readableTextWidth();
  return [`Outcome: ${outcome}`, "", ...text.map((sentence) => `- ${wrap(sentence, width, 2)}`)].join("\n");
}
