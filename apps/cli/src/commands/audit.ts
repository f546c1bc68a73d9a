/** `baton audit`: who did what, when, to which id, with which note. */
import type { AuditEntryJson } from "@baton/api";
import { AUDIT_ACTIONS, type AuditAction } from "@baton/domain";
import { Command, InvalidArgumentError, Option } from "commander";
import { createOperatorClient } from "../client-from-environment.ts";
import { CONNECTOR_OPTION, resolveConnectorFilter } from "../find-connector.ts";
import { awaitWithFlagsInRefusal, type FlagsByMember } from "../flag-names-in-refusals.ts";
import { givenOptions } from "../option-parsers.ts";
import {
  addListOptions,
  type ListOptions,
  printList,
  readMatchingUpToLimit,
  readPagesUpToLimit,
} from "../paged-list.ts";
import { formatTimeFromNow, readInstant, WHEN } from "../parse-and-format-instants.ts";
import type { Column } from "../text-table.ts";

interface AuditOptions extends ListOptions {
  readonly action?: readonly AuditAction[];
  readonly actor?: string;
  readonly id?: string;
  readonly connectorId?: string;
  readonly from?: string;
  readonly to?: string;
}

/** FLAGS are what the API's members are called here. */
const FLAGS: FlagsByMember = { action: "--action", actor: "--actor", cursor: "--cursor" };

const HELP = "\nThe last word of an action stands for all that end so: --action pause.";

export function createAuditCommand(): Command {
  const command = new Command("audit")
    .description("list who did what, when, to which id, with which note; the newest first")
    .addOption(
      new Option("--action <action>", "of one action, or of all that end so, such as pause")
        .choices(AUDIT_ACTIONS)
        .argParser(readMatchingActions),
    )
    .option("--actor <id>", "by one admin key, or one connector's token")
    .option("--id <id>", "to one handoff, connector, run, token or key")
    .option(...CONNECTOR_OPTION)
    .option("--from <when>", `then or later: ${WHEN}`, readInstant)
    .option("--to <when>", "before then", readInstant)
    .addHelpText("after", HELP);
  return addListOptions(command).action(listAuditEntries);
}

async function listAuditEntries({ action, actor, id, connectorId, from, to, ...listing }: AuditOptions): Promise<void> {
  const client = createOperatorClient();
  const only = action?.length === 1 ? action[0] : undefined;
  const search = {
    ...givenOptions({ action: only, actor, id, from, to }),
    ...(await resolveConnectorFilter(client, connectorId)),
  };
  const read = (asked: { readonly limit: number; readonly cursor?: string }) => client.audit({ ...search, ...asked });
  const isOneOf = (entry: AuditEntryJson) => action?.some((each) => each === entry.action) === true;
  const asked =
    action === undefined || only ? readPagesUpToLimit(read, listing) : readMatchingUpToLimit(read, listing, isOneOf);
  printList(await awaitWithFlagsInRefusal(FLAGS, asked), listing, { noun: "record", columns: COLUMNS });
}

const COLUMNS: readonly Column<AuditEntryJson>[] = [
  { title: "WHEN", text: ({ at, firstAt = at }) => firstAt },
  { title: "", text: ({ at, firstAt = at }) => formatTimeFromNow(firstAt) },
  { title: "WHO", text: ({ actor }) => actor.name, flexible: "cut" },
  { title: "DID", text: describeAction },
  { title: "TO", text: ({ targetId }) => targetId ?? "" },
  { title: "ENDED", text: ({ outcome, problem }) => (problem === undefined ? outcome : `${outcome}, ${problem}`) },
  { title: "NOTE", text: ({ note }) => note ?? "", flexible: "wrap" },
];

/** describeAction says how often and until when, where an entry counts several. */
function describeAction({ action, count = 1, lastAt }: AuditEntryJson): string {
  return count === 1 ? action : `${action} (${count} times${lastAt === undefined ? "" : `, until ${lastAt}`})`;
}

/** readMatchingActions reads `connector.pause`, or `pause` for every action that ends so. */
function readMatchingActions(text: string): readonly AuditAction[] {
  const actions = AUDIT_ACTIONS.filter((action) => action === text || action.endsWith(`.${text}`));
  if (actions.length > 0) return actions;
  throw new InvalidArgumentError(`Expected one of ${AUDIT_ACTIONS.join(", ")}, or the last word of some.`);
}
