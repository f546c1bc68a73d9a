/** `baton dead-letters`: look at what failed, put it back in line, or give it up. */
import type { CauseJson, DeadLetterJson, HandoffJson } from "@baton/api";
import { DEAD_REASONS, type DeadReason } from "@baton/domain";
import { Command, Option } from "commander";
import { connectAsOperator } from "../connection.ts";
import { describeHandoff } from "../handoff-view.ts";
import { JSON_OPTION, readDuration } from "../option.ts";
import { count, type Printing, print, terminalWidth } from "../print.ts";
import { type Column, formatTable } from "../table.ts";

export function deadLettersCommand(): Command {
  return new Command("dead-letters")
    .description("list, replay and discard the handoffs that CXone never accepted")
    .addCommand(listCommand())
    .addCommand(causesCommand())
    .addCommand(replayCommand())
    .addCommand(discardCommand());
}

interface ListOptions extends Printing {
  readonly connectorId?: string;
  readonly reason?: DeadReason;
  readonly cause?: string;
  readonly contactId?: string;
  readonly from?: string;
  readonly to?: string;
  readonly cursor?: string;
  readonly limit?: string;
}

function listCommand(): Command {
  return new Command("list")
    .description("list dead letters, the newest first")
    .option("--connector-id <id>", "of one connector")
    .addOption(new Option("--reason <reason>", "that died of one reason").choices(DEAD_REASONS))
    .option("--cause <cause>", "alike; `dead-letters causes` shows them")
    .option("--contact-id <id>", "of one contact")
    .option("--from <instant>", "that died then or later, such as 2026-11-23T10:00:00Z")
    .option("--to <instant>", "that died before then")
    .option("--limit <number>", "at most so many, 1 to 500")
    .option("--cursor <cursor>", "the page that follows")
    .option(...JSON_OPTION)
    .action(async ({ json, ...search }: ListOptions) => {
      print(await connectAsOperator().deadLetters(search), { json }, ({ items, total, nextCursor }) =>
        [
          ...(items.length === 0 ? [] : [formatTable(items, LETTER_COLUMNS, terminalWidth()), ""]),
          total === undefined || total === items.length
            ? count(items.length, "dead letter")
            : `${items.length} of ${count(total, "dead letter")}`,
          ...(nextCursor === undefined ? [] : [`More: --cursor ${nextCursor}`]),
        ].join("\n"),
      );
    });
}

function causesCommand(): Command {
  return new Command("causes")
    .description("group dead letters by what went wrong, the most frequent first")
    .option("--connector-id <id>", "of one connector")
    .option(...JSON_OPTION)
    .action(async ({ json, ...search }: Printing & { readonly connectorId?: string }) => {
      const page = await connectAsOperator().causes({ ...search, limit: 500 });
      print(page, { json }, ({ items }) => (items.length === 0 ? "0 dead letters" : describeCauses(items)));
    });
}

/** describeCauses is a table of causes. */
export function describeCauses(causes: readonly CauseJson[]): string {
  return formatTable(causes, CAUSE_COLUMNS, terminalWidth());
}

interface ReplayOptions extends Printing {
  readonly note?: string;
  readonly deadline?: number;
  readonly force?: true;
}

function replayCommand(): Command {
  return new Command("replay")
    .description("put a dead letter back in line, with a fresh deadline and all its attempts")
    .argument("<id>", "ho_…")
    .option("--note <text>", "why")
    .option("--deadline <duration>", "how long Baton tries, from now", readDuration)
    .option("--force", "also when the signal may have arrived, and may so arrive twice")
    .option(...JSON_OPTION)
    .action(async (id: string, { deadline, json, ...body }: ReplayOptions) => {
      const replayed = await connectAsOperator().replay(id, { ...body, ...(deadline !== undefined && { deadlineMs: deadline }) });
      print(replayed, { json }, describeHandoff);
    });
}

function discardCommand(): Command {
  return new Command("discard")
    .description("give a dead letter up: it will not be replayed")
    .argument("<id>", "ho_…")
    .option("--note <text>", "why")
    .option(...JSON_OPTION)
    .action(async (id: string, { json, ...body }: Printing & { readonly note?: string }) => {
      print(await connectAsOperator().discard(id, body), { json }, describeHandoff);
    });
}

const LETTER_COLUMNS: readonly Column<DeadLetterJson>[] = [
  { title: "HANDOFF", text: ({ id }) => id },
  { title: "CONTACT", text: ({ contactId }) => contactId },
  { title: "DIED", text: ({ diedAt }) => diedAt },
  { title: "REASON", text: ({ reason }) => reason ?? "" },
  { title: "TRIES", text: ({ attempts }) => String(attempts.length), align: "right" },
  { title: "ARRIVED?", text: ({ mayHaveArrived }) => (mayHaveArrived ? "maybe" : "no") },
  { title: "LAST ANSWER", text: ({ attempts }) => lastAnswer(attempts.at(-1)), flexible: "cut" },
];

const CAUSE_COLUMNS: readonly Column<CauseJson>[] = [
  { title: "COUNT", text: ({ count }) => String(count), align: "right" },
  { title: "REASON", text: ({ reason, waitingFor }) => (waitingFor === undefined ? reason : `${reason} (${waitingFor})`) },
  { title: "HTTP", text: ({ httpStatus }) => String(httpStatus ?? "") },
  { title: "DETAIL", text: ({ detail }) => detail, flexible: "cut" },
  { title: "CONNECTORS", text: ({ connectors }) => String(connectors.length), align: "right" },
  { title: "LAST", text: ({ lastAt }) => lastAt },
  { title: "CAUSE", text: ({ cause }) => cause },
];

function lastAnswer(attempt: HandoffJson["attempts"][number] | undefined): string {
  if (attempt === undefined) return "";
  return [attempt.httpStatus ?? attempt.outcome, attempt.detail].filter((part) => part !== undefined).join(" ");
}
