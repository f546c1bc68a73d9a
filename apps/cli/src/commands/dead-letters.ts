/** `baton dead-letters`: look at what failed, put it back in the queue, or discard it. */
import type { DeadLetterJson, HandoffJson } from "@baton/api";
import { DEAD_REASONS, type DeadReason } from "@baton/domain";
import { Command, Option } from "commander";
import { askForYesAtTerminal, type ConfirmOptions, YES_OPTION } from "../ask-for-confirmation.ts";
import { createOperatorClient } from "../client-from-environment.ts";
import {
  CONNECTOR_OPTION,
  type ConnectorNameOf,
  readConnectorNamesForTable,
  resolveConnectorFilter,
} from "../find-connector.ts";
import { awaitWithFlagsInRefusal, type FlagsByMember } from "../flag-names-in-refusals.ts";
import { describeHandoff } from "../handoff-view.ts";
import { givenOptions, JSON_OPTION, readDeadline } from "../option-parsers.ts";
import { addListOptions, type ListOptions, printList, readPagesUpToLimit } from "../paged-list.ts";
import { formatTimeFromNow, readInstant, WHEN } from "../parse-and-format-instants.ts";
import { type PrintOptions, printJsonOrText } from "../terminal-output.ts";
import type { Column } from "../text-table.ts";
import { createAcknowledgeCauseCommand, createDeadLetterCausesCommand } from "./dead-letter-causes.ts";

export function createDeadLettersCommand(): Command {
  return new Command("dead-letters")
    .description("list, replay and discard the handoffs that CXone never accepted")
    .addCommand(createListCommand())
    .addCommand(createDeadLetterCausesCommand())
    .addCommand(createAcknowledgeCauseCommand())
    .addCommand(createReplayCommand())
    .addCommand(createDiscardCommand());
}

interface DeadLetterListOptions extends ListOptions {
  readonly connectorId?: string;
  readonly reason?: DeadReason;
  readonly cause?: string;
  readonly contactId?: string;
  readonly from?: string;
  readonly to?: string;
  readonly mayHaveArrived?: true;
}

function createListCommand(): Command {
  const command = new Command("list")
    .description("list dead letters, the newest first")
    .option(...CONNECTOR_OPTION)
    .addOption(new Option("--reason <reason>", "that died of one reason").choices(DEAD_REASONS))
    .option("--cause <cause>", "alike; `dead-letters causes` shows them")
    .option("--contact-id <id>", "of one contact")
    .option("--from <when>", `that died then or later: ${WHEN}`, readInstant)
    .option("--to <when>", "that died before then", readInstant)
    .option("--may-have-arrived", "only those whose signal may have arrived");
  return addListOptions(command).action(listDeadLetters);
}

async function listDeadLetters(options: DeadLetterListOptions): Promise<void> {
  const { connectorId, reason, cause, contactId, from, to, mayHaveArrived, ...listing } = options;
  const client = createOperatorClient();
  const filter = {
    ...givenOptions({ reason, cause, contactId, from, to }),
    ...(mayHaveArrived && { mayHaveArrived: "true" as const }),
    ...(await resolveConnectorFilter(client, connectorId)),
  };
  const found = await readPagesUpToLimit((asked) => client.deadLetters({ ...filter, ...asked }), listing, FLAGS);
  const ids = found.items.map((deadLetter) => deadLetter.connectorId);
  const nameOf = await readConnectorNamesForTable(client, listing, ids);
  printList(found, listing, { noun: "dead letter", columns: deadLetterColumns(nameOf) });
}

interface ReplayOptions extends PrintOptions {
  readonly note?: string;
  readonly deadline?: number;
  readonly force?: true;
}

function createReplayCommand(): Command {
  return new Command("replay")
    .description("queue a dead letter again, with a fresh deadline and all its attempts")
    .argument("<id>", "ho_…")
    .option("--note <text>", "why")
    .option("--deadline <duration>", "how long Baton tries, from now", readDeadline)
    .option("--force", "also when the signal may have arrived, and may so arrive twice")
    .option(...JSON_OPTION)
    .action(async (id: string, { deadline, json, ...body }: ReplayOptions) => {
      const asked = createOperatorClient().replay(id, { ...body, ...givenOptions({ deadlineMs: deadline }) });
      printJsonOrText(await awaitWithFlagsInRefusal(FLAGS, asked), { json }, (replayed) => describeHandoff(replayed));
    });
}

function createDiscardCommand(): Command {
  return new Command("discard")
    .description("give a dead letter up: it will not be replayed")
    .argument("<id>", "ho_…")
    .option("--note <text>", "why")
    .option(...YES_OPTION)
    .option(...JSON_OPTION)
    .action(async (id: string, { json, yes, ...body }: PrintOptions & ConfirmOptions & { readonly note?: string }) => {
      await askForYesAtTerminal(`Give ${id} up? It cannot be replayed then.`, yes);
      printJsonOrText(
        await awaitWithFlagsInRefusal(FLAGS, createOperatorClient().discard(id, body)),
        { json },
        (discarded) => describeHandoff(discarded),
      );
    });
}

/** FLAGS are what the API's members are called here. */
const FLAGS: FlagsByMember = {
  deadlineMs: "--deadline",
  force: "--force",
  note: "--note",
  contactId: "--contact-id",
  connectorId: "--connector",
  cause: "--cause",
  cursor: "--cursor",
};

function deadLetterColumns(nameOf: ConnectorNameOf): readonly Column<DeadLetterJson>[] {
  return [
    { title: "HANDOFF", text: ({ id }) => id },
    { title: "CONNECTOR", text: ({ connectorId }) => nameOf(connectorId), flexible: "cut" },
    { title: "CONTACT", text: ({ contactId }) => contactId },
    { title: "DIED", text: ({ diedAt }) => formatTimeFromNow(diedAt) },
    { title: "REASON", text: ({ reason }) => reason ?? "" },
    { title: "TRIES", text: ({ attempts }) => String(attempts.length), align: "right" },
    { title: "ARRIVED?", text: ({ mayHaveArrived }) => (mayHaveArrived ? "maybe" : "no") },
    { title: "LAST ANSWER", text: ({ attempts }) => formatLastAnswer(attempts.at(-1)), flexible: "cut" },
  ];
}

function formatLastAnswer(attempt: HandoffJson["attempts"][number] | undefined): string {
  if (attempt === undefined) return "";
  return [attempt.httpStatus ?? attempt.outcome, attempt.detail].filter((part) => part !== undefined).join(" ");
}
