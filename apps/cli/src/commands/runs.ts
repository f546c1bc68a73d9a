/** `baton replays` and `baton discards`: many dead letters by one decision. */
import type { RunJson } from "@baton/api";
import { ITEM_RESULTS, type RunItem, type RunKind, SKIP_REASONS } from "@baton/domain";
import { Command, Option } from "commander";
import { askForYesAtTerminal, type ConfirmOptions, YES_OPTION } from "../ask-for-confirmation.ts";
import { createOperatorClient } from "../client-from-environment.ts";
import { awaitWithFlagsInRefusal, type FlagsByMember } from "../flag-names-in-refusals.ts";
import { givenOptions, JSON_OPTION, readRunRate } from "../option-parsers.ts";
import { addListOptions, type ListOptions, printList, readPagesUpToLimit } from "../paged-list.ts";
import { describeRun, RUN_COLUMNS, RUN_ITEM_COLUMNS } from "../plan-and-run-view.ts";
import { type PrintOptions, printHint, printJsonOrText } from "../terminal-output.ts";
import { createStartRunCommand } from "./runs-start.ts";
import { createWatchRunCommand } from "./runs-watch.ts";

const DESCRIPTIONS: Readonly<Record<RunKind, string>> = {
  replay: "queue many dead letters again: start a run, watch, pause, resume and cancel it",
  discard: "give many dead letters up: start a run, watch, pause, resume and cancel it",
};

/** createRunsCommand makes `replays` or `discards`. */
export function createRunsCommand(kind: RunKind): Command {
  return new Command(`${kind}s`)
    .description(DESCRIPTIONS[kind])
    .addCommand(createStartRunCommand(kind))
    .addCommand(createListCommand(kind))
    .addCommand(createShowCommand(kind))
    .addCommand(createItemsCommand(kind))
    .addCommand(createWatchRunCommand(kind))
    .addCommand(createRunStateCommand(kind, "pause"))
    .addCommand(createRunStateCommand(kind, "resume"))
    .addCommand(createRunStateCommand(kind, "cancel"))
    .addCommand(createRateCommand(kind));
}

function createListCommand(kind: RunKind): Command {
  return addListOptions(new Command("list").description("list runs, the newest first")).action(
    async (listing: ListOptions) => {
      const client = createOperatorClient();
      const found = await readPagesUpToLimit((asked) => client.runs(kind, asked), listing, FLAGS);
      printList(found, listing, { noun: "run", columns: RUN_COLUMNS });
    },
  );
}

function createShowCommand(kind: RunKind): Command {
  return new Command("show")
    .description("show how far a run came, who started it and why")
    .argument("<id>", "rn_…")
    .option(...JSON_OPTION)
    .action(async (id: string, printing: PrintOptions) => {
      const run = await createOperatorClient().run(kind, id);
      printJsonOrText(run, printing, describeRun);
      if (printing.json !== true) printNextCommands(run);
    });
}

/** printNextCommands names what can be done about a run as it stands. */
function printNextCommands({ kind, id, status }: RunJson): void {
  if (status === "running") printHint(`\nWatch it: baton ${kind}s watch ${id}\nStop it:  baton ${kind}s pause ${id}`);
  if (status === "paused") printHint(`\nGo on:   baton ${kind}s resume ${id}\nGive up: baton ${kind}s cancel ${id}`);
}

function createItemsCommand(kind: RunKind): Command {
  const command = new Command("items")
    .description("list what became of each dead letter of a run")
    .argument("<id>", "rn_…")
    .addOption(new Option("--result <result>", "of one result").choices(ITEM_RESULTS))
    .addOption(new Option("--because <reason>", "skipped for this reason").choices(SKIP_REASONS));
  return addListOptions(command).action(
    async (id: string, { result, because, ...listing }: ListOptions & Pick<Partial<RunItem>, "result" | "because">) => {
      const client = createOperatorClient();
      const search = givenOptions({ result, because });
      const found = await readPagesUpToLimit(
        (asked) => client.runItems(kind, id, { ...search, ...asked }),
        listing,
        FLAGS,
      );
      printList(found, listing, { noun: "item", columns: RUN_ITEM_COLUMNS });
    },
  );
}

const STATE_CHANGES = {
  pause: "take no further dead letter; what is queued again goes on",
  resume: "go on",
  cancel: "end it: what it has not taken stays a dead letter",
} as const;

function createRunStateCommand(kind: RunKind, name: keyof typeof STATE_CHANGES): Command {
  const command = new Command(name)
    .description(STATE_CHANGES[name])
    .argument("<id>", "rn_…")
    .option("--note <text>", "why; the audit keeps it");
  if (name === "cancel") command.option(...YES_OPTION);
  return command
    .option(...JSON_OPTION)
    .action(async (id: string, { json, yes, ...body }: PrintOptions & ConfirmOptions & { readonly note?: string }) => {
      if (name === "cancel") await askForYesAtTerminal(`Cancel ${id}? It cannot be resumed then.`, yes);
      const asked = createOperatorClient()[`${name}Run`](kind, id, body);
      printJsonOrText(await awaitWithFlagsInRefusal(FLAGS, asked), { json }, describeRun);
    });
}

function createRateCommand(kind: RunKind): Command {
  return new Command("rate")
    .description("go faster or slower; it holds within a second")
    .argument("<id>", "rn_…")
    .argument("<perSecond>", "dead letters a second, 1 to 5000", readRunRate)
    .option("--note <text>", "why; the audit keeps it")
    .option(...JSON_OPTION)
    .action(async (id: string, ratePerSecond: number, { json, ...body }: PrintOptions & { readonly note?: string }) => {
      const asked = createOperatorClient().changeRun(kind, id, { ratePerSecond, ...body });
      printJsonOrText(
        await awaitWithFlagsInRefusal({ ...FLAGS, ratePerSecond: "<perSecond>" }, asked),
        { json },
        describeRun,
      );
    });
}

/** FLAGS are what the API's members are called here. */
const FLAGS: FlagsByMember = { note: "--note", cursor: "--cursor", result: "--result", because: "--because" };
