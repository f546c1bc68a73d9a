/** `baton replays start` and `baton discards start`: a plan to look at, a question, then the run. */
import { randomUUID } from "node:crypto";
import type { BatonClient, PlanJson } from "@baton/api";
import { DEAD_REASONS, type DeadReason, MAX_PLAN_ITEMS, type RunKind } from "@baton/domain";
import { Command, Option } from "commander";
import { askForText, askForTypedNumber, askForYes, isAtTerminal, requireTerminal } from "../ask-for-confirmation.ts";
import { createOperatorClient } from "../client-from-environment.ts";
import { Misuse } from "../command-errors.ts";
import { CONNECTOR_OPTION, readConnectorNamesByIds, resolveConnectorFilter } from "../find-connector.ts";
import { awaitWithFlagsInRefusal, type FlagsByMember } from "../flag-names-in-refusals.ts";
import { formatCount } from "../number-format.ts";
import {
  createWholeNumberReader,
  givenOptions,
  JSON_OPTION,
  readDeadline,
  readFraction,
  readRunRate,
} from "../option-parsers.ts";
import { readInstant, WHEN } from "../parse-and-format-instants.ts";
import { describeRun, describeRunPlan, RUN_VERBS } from "../plan-and-run-view.ts";
import { openProgressLine, type PrintOptions, printHint, printJsonOrText } from "../terminal-output.ts";

interface StartOptions extends PrintOptions {
  readonly cause?: string;
  readonly connectorId?: string;
  readonly reason?: readonly DeadReason[];
  readonly contactId?: string;
  readonly from?: string;
  readonly to?: string;
  readonly all?: true;
  readonly includeUnknown?: true;
  readonly skipEndedContacts?: true;
  readonly plan?: string;
  readonly dryRun?: true;
  readonly yes?: true;
  readonly note?: string;
  readonly rate?: number;
  readonly first?: number;
  readonly stopWhenDying?: number;
  readonly deadline?: number;
}

/** Above so many items a `y` out of habit is not enough. */
const CONFIRM_ABOVE = 1_000;

/** FLAGS are what the API's members are called here. */
const FLAGS: FlagsByMember = {
  "filter/cause": "--cause",
  "filter/connectorId": "--connector",
  "filter/reason": "--reason",
  "filter/contactId": "--contact-id",
  "filter/from": "--from",
  "filter/to": "--to",
  all: "--all",
  includeUnknown: "--include-unknown",
  skipEndedContacts: "--skip-ended-contacts",
  planId: "--plan",
  dryRun: "--dry-run",
  ratePerSecond: "--rate",
  note: "--note",
  first: "--first",
  stopWhenDying: "--stop-when-dying",
  deadlineMs: "--deadline",
};

/** createStartRunCommand asks on a terminal; elsewhere it needs `--yes`, and says so at once. */
export function createStartRunCommand(kind: RunKind): Command {
  const command = new Command("start")
    .description(`count what a run would take, show it, ask, and start it: ${kind} the dead letters that match`)
    .option("--cause <cause>", "alike; `dead-letters causes` shows them")
    .option(...CONNECTOR_OPTION)
    .addOption(new Option("--reason <reason...>", "that died of one of these").choices(DEAD_REASONS))
    .option("--contact-id <id>", "of one contact")
    .option("--from <when>", `that died then or later: ${WHEN}`, readInstant)
    .option("--to <when>", "that died before then", readInstant)
    .option("--all", "every dead letter there is");
  return addRunOptions(command, kind)
    .addHelpText("after", examplesOf(kind))
    .action((options: StartOptions) => startRun(kind, options));
}

function addRunOptions(command: Command, kind: RunKind): Command {
  command
    .option("--include-unknown", "also what may have arrived, and may so arrive twice")
    .option("--skip-ended-contacts", "ask CXone first, and leave contacts that it says have ended")
    .option("--first <number>", "pause after so many, to look at them", createWholeNumberReader(1, MAX_PLAN_ITEMS))
    .option("--rate <perSecond>", "so many a second at most; 20 unless said", readRunRate)
    .option("--note <text>", "why; it stays with the run")
    .option("--dry-run", "only count and show")
    .option("--plan <id>", "start what an earlier --dry-run counted")
    .option("--yes", "ask nothing, count nothing first")
    .option(...JSON_OPTION);
  if (kind === "replay")
    command
      .option(
        "--stop-when-dying <part>",
        "pause when so large a part of the last 50 died again; 0.5, 0 never",
        readFraction,
      )
      .option("--deadline <duration>", "how long Baton tries each, from its replay", readDeadline);
  return command;
}

function examplesOf(kind: RunKind): string {
  return `
Examples: baton ${kind}s start --cause cs_… --first 5 --note "CXone is repaired"
          baton ${kind}s start --connector acme/support-line --reason expired unknown --from 1h --yes --note "case 4711"`;
}

async function startRun(kind: RunKind, options: StartOptions): Promise<void> {
  checkOptions(kind, options);
  const client = createOperatorClient();
  const scope = await scopeOf(client, options);
  if (options.dryRun === true)
    return await showPlan(client, await countOrReadPlan(client, kind, { scope, options }), options);
  const planId = options.yes === true ? undefined : await confirmPlan(client, kind, { scope, options });
  const note = options.note ?? (await askForText("Why? It stays with the run: "));
  const body = { ...(planId === undefined ? scope : { planId }), ...paceOptionsOf(options), note };
  const run = await awaitWithFlagsInRefusal(FLAGS, client.startRun(kind, body, { idempotencyKey: randomUUID() }));
  printJsonOrText(run, options, describeRun);
  printHint(`\nWatch it: baton ${kind}s watch ${run.id}`);
}

/** checkOptions refuses at once what would end in a question without a terminal to ask on. */
function checkOptions(kind: RunKind, { dryRun, yes, note, plan: planId, ...filter }: StartOptions): void {
  const isEmpty = [filter.cause, filter.connectorId, filter.reason, filter.contactId, filter.from, filter.to].every(
    (given) => given === undefined,
  );
  if (planId !== undefined && (!isEmpty || filter.all === true || dryRun === true))
    throw new Misuse("--plan says already what is taken: leave the filter and --dry-run out");
  if (planId === undefined && isEmpty && filter.all !== true)
    throw new Misuse(`say what to ${kind}: --cause, --connector, --reason, --contact-id, --from, --to, or --all`);
  if (dryRun === true) return;
  if (yes !== true) requireTerminal("add --yes to start it without a question, or --dry-run to only count");
  if (note === undefined && (yes === true || !isAtTerminal())) throw new Misuse("give --note: say why; a run keeps it");
}

type ClientScope = Parameters<BatonClient["planRun"]>[1];

async function scopeOf(client: BatonClient, options: StartOptions): Promise<ClientScope> {
  const { cause, connectorId, reason, contactId, from, to, all, includeUnknown, skipEndedContacts } = options;
  if (options.plan !== undefined) return { planId: options.plan };
  return {
    filter: {
      ...givenOptions({ cause, reason: reason && [...reason], contactId, from, to }),
      ...(await resolveConnectorFilter(client, connectorId)),
    },
    ...givenOptions({ all, includeUnknown, skipEndedContacts }),
  };
}

/** How fast, and when it stops by itself. */
function paceOptionsOf({ rate, first, stopWhenDying, deadline }: StartOptions) {
  return givenOptions({ ratePerSecond: rate, first, stopWhenDying, deadlineMs: deadline });
}

/**
 * countOrReadPlan counts, or reads an earlier one; that may take a while where there are many. Its estimate is made
 * with the rate that was asked for.
 */
async function countOrReadPlan(
  client: BatonClient,
  kind: RunKind,
  { scope, options: { rate } }: PlannedStart,
): Promise<PlanJson> {
  const progress = openProgressLine();
  progress.say("Counting …");
  const body = { ...scope, ...givenOptions({ ratePerSecond: rate }) };
  return await awaitWithFlagsInRefusal(FLAGS, client.planRun(kind, body)).finally(progress.clear);
}

async function showPlan(client: BatonClient, counted: PlanJson, options: StartOptions): Promise<void> {
  const { json } = options;
  const nameOf = await readConnectorNamesOfPlan(client, counted);
  printJsonOrText(counted, { json }, (shown) => describeRunPlan(shown, nameOf));
  const command = `baton ${counted.kind}s start --plan ${counted.planId}${formatPaceFlags(options)} --note "…"`;
  if (counted.taken > 0) printHint(`\nStart it: ${command}`);
}

/** formatPaceFlags repeats what a plan does not keep: how fast it goes, and when it stops by itself. */
function formatPaceFlags({ rate, first, stopWhenDying, deadline }: StartOptions): string {
  const given = [
    ["--rate", rate],
    ["--first", first],
    ["--stop-when-dying", stopWhenDying],
    ["--deadline", deadline === undefined ? undefined : `${deadline}ms`],
  ] as const;
  return given.map(([flag, value]) => (value === undefined ? "" : ` ${flag} ${value}`)).join("");
}

/** A plan may name a thousand connectors; the names of the first few are asked for. */
const MAX_NAMES = 20;

async function readConnectorNamesOfPlan(client: BatonClient, { byConnector }: PlanJson) {
  return await readConnectorNamesByIds(
    client,
    Object.keys(byConnector)
      .filter((id) => id !== "other")
      .slice(0, MAX_NAMES),
  );
}

interface PlannedStart {
  readonly scope: ClientScope;
  readonly options: StartOptions;
}

/** confirmPlan shows the plan and asks; it gives the plan's id, or throws where the answer is not yes. */
async function confirmPlan(client: BatonClient, kind: RunKind, { scope, options }: PlannedStart): Promise<string> {
  const counted = await countOrReadPlan(client, kind, { scope, options });
  printHint(describeRunPlan(counted, await readConnectorNamesOfPlan(client, counted)));
  const { taken, planId, includeUnknown } = counted;
  if (taken === 0) throw new Error(`nothing was started: no dead letter that matches would be ${RUN_VERBS[kind].did}`);
  const first = options.first === undefined ? "" : `, the first ${Math.min(options.first, taken)} and then wait`;
  const question = `\n${RUN_VERBS[kind].does} ${formatCount(taken)}${first}?`;
  const isGrave = taken > CONFIRM_ABOVE || includeUnknown || kind === "discard";
  await (isGrave ? askForTypedNumber(question, taken) : askForYes(question));
  return planId;
}
