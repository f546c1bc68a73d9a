/** `baton dead-letters causes` and `acknowledge`: what failed, and what operators do about it. */
import type { ReceivedCause } from "@baton/api";
import { CAUSE_STATES, type CauseState } from "@baton/domain";
import { Command, Option } from "commander";
import { createOperatorClient } from "../client-from-environment.ts";
import { Misuse } from "../command-errors.ts";
import { formatCauseRemediesAndCommands } from "../dead-letter-cause-hints.ts";
import {
  CONNECTOR_OPTION,
  type ConnectorNameOf,
  readConnectorNamesForTable,
  resolveConnectorFilter,
} from "../find-connector.ts";
import { awaitWithFlagsInRefusal, type FlagsByMember } from "../flag-names-in-refusals.ts";
import { givenOptions, JSON_OPTION } from "../option-parsers.ts";
import { addJsonAndJsonlOptions, type ListOptions, printList, readPagesUpToLimit } from "../paged-list.ts";
import { formatTimeFromNow, readInstant, WHEN } from "../parse-and-format-instants.ts";
import { type PrintOptions, printHint, printJsonOrText } from "../terminal-output.ts";
import { type Column, formatFields } from "../text-table.ts";

interface CausesOptions extends ListOptions {
  readonly connectorId?: string;
  readonly state?: CauseState;
  readonly from?: string;
}

export function createDeadLetterCausesCommand(): Command {
  const command = new Command("causes")
    .description("group dead letters by what went wrong, the most frequent first, and say what to do")
    .option(...CONNECTOR_OPTION)
    .addOption(new Option("--state <state>", "of one state").choices(CAUSE_STATES))
    .option("--from <when>", `with a dead letter that died then or later: ${WHEN}`, readInstant);
  return addJsonAndJsonlOptions(command).action(listCauses);
}

async function listCauses({ connectorId, state, from, ...listing }: CausesOptions): Promise<void> {
  const client = createOperatorClient();
  const filter = { ...givenOptions({ state }), ...(await resolveConnectorFilter(client, connectorId)) };
  const all = await readPagesUpToLimit((asked) => client.causes({ ...filter, ...asked }), {
    limit: Number.POSITIVE_INFINITY,
  });
  const items = all.items.filter(({ lastAt }) => from === undefined || Date.parse(lastAt) >= Date.parse(from));
  const shown = items.flatMap(({ connectors }) => connectors.slice(0, 1));
  const nameOf = await readConnectorNamesForTable(client, listing, shown);
  printList({ items }, listing, { noun: "cause", columns: causeColumns(nameOf) });
  if (listing.json === true || listing.jsonl === true) return;
  for (const hint of formatCauseRemediesAndCommands(items)) printHint(`\n${hint}`);
}

/** FLAGS are what the API's members are called here. */
const FLAGS: FlagsByMember = { note: "--note", state: "--ignore" };

interface AcknowledgeOptions extends PrintOptions {
  readonly note?: string;
  readonly ignore?: true;
  readonly reopen?: true;
}

export function createAcknowledgeCauseCommand(): Command {
  return new Command("acknowledge")
    .description("say that you work on a cause, for the operator who is on call next")
    .argument("<cause>", "cs_…, as `dead-letters causes` shows it")
    .option("--note <text>", "what is known and being done; it stays with the cause")
    .addOption(new Option("--ignore", "it is known, and needs nothing").conflicts("reopen"))
    .option("--reopen", "it is not worked on any more")
    .option(...JSON_OPTION)
    .action(async (cause: string, { note, json, ...state }: AcknowledgeOptions) => {
      if (note === "") throw new Misuse("--note: say what is known; leave it out to keep the note that is there");
      const patch = { state: stateFromOptions(state), ...givenOptions({ note }) };
      const patched = await awaitWithFlagsInRefusal(FLAGS, createOperatorClient().patchCause(cause, patch));
      printJsonOrText(patched, { json }, describeCause);
    });
}

function stateFromOptions({ ignore, reopen }: Pick<AcknowledgeOptions, "ignore" | "reopen">): CauseState {
  if (ignore === true) return "ignored";
  return reopen === true ? "open" : "acknowledged";
}

function describeCause(cause: ReceivedCause): string {
  return formatFields({
    cause: cause.cause,
    state: describeCauseState(cause),
    reason: formatReasonWithWait(cause),
    detail: [cause.httpStatus, cause.detail].filter((part) => part !== undefined).join(" "),
    "dead letters": `${cause.count}, ${cause.lastHour} of them within the last hour`,
    note: cause.note,
  });
}

function causeColumns(nameOf: ConnectorNameOf): readonly Column<ReceivedCause>[] {
  return [
    { title: "COUNT", text: ({ count }) => String(count), align: "right" },
    { title: "REASON", text: formatReasonWithWait },
    { title: "HTTP", text: ({ httpStatus }) => String(httpStatus ?? "") },
    { title: "DETAIL", text: ({ detail }) => detail, flexible: "cut" },
    { title: "CONNECTORS", text: (cause) => formatConnectorsOfCause(cause, nameOf), flexible: "cut" },
    { title: "FIRST", text: ({ firstAt }) => formatTimeFromNow(firstAt) },
    { title: "LAST", text: ({ lastAt }) => formatTimeFromNow(lastAt) },
    { title: "STATE", text: describeCauseStateAndNote, flexible: "cut" },
    { title: "CAUSE", text: ({ cause }) => cause },
  ];
}

function formatReasonWithWait({ reason, waitingFor }: ReceivedCause): string {
  return waitingFor === undefined ? reason : `${reason} (${waitingFor})`;
}

/** describeCauseStateAndNote keeps the note in sight also where the cause is open, or came back. */
function describeCauseStateAndNote(cause: ReceivedCause): string {
  return [describeCauseState(cause), cause.note ?? ""].filter((part) => part !== "").join(": ");
}

/** describeCauseState says also who said so, and whether it came back. */
function describeCauseState({ state, by, reopenedAt }: ReceivedCause): string {
  if (state === "open") return reopenedAt === undefined ? "open" : `open, came back ${formatTimeFromNow(reopenedAt)}`;
  return by === undefined ? state : `${state} by ${by}`;
}

function formatConnectorsOfCause(
  { connectors: [first], connectorsTotal }: ReceivedCause,
  nameOf: ConnectorNameOf,
): string {
  if (first === undefined) return "";
  return connectorsTotal <= 1 ? nameOf(first) : `${nameOf(first)} and ${connectorsTotal - 1} more`;
}
