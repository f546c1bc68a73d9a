/** `baton handoff search`: handoffs by what is known of them. */
import type { HandoffJson } from "@baton/api";
import { HANDOFF_STATUSES, type HandoffStatus, WAITING_FOR, type WaitingFor } from "@baton/domain";
import { Command, Option } from "commander";
import { createOperatorClient } from "../client-from-environment.ts";
import { CONNECTOR_OPTION, readConnectorNamesForTable, resolveConnectorFilter } from "../find-connector.ts";
import type { FlagsByMember } from "../flag-names-in-refusals.ts";
import { describeHandoffStatus, paintHandoffStatus } from "../handoff-view.ts";
import { givenOptions } from "../option-parsers.ts";
import { addListOptions, type ListOptions, printList, readPagesUpToLimit } from "../paged-list.ts";
import { formatTimeFromNow } from "../parse-and-format-instants.ts";
import type { Column } from "../text-table.ts";

interface SearchOptions extends ListOptions {
  readonly contactId?: string;
  readonly sharedId?: string;
  readonly idempotencyKey?: string;
  readonly connectorId?: string;
  readonly status?: HandoffStatus;
  readonly waitingFor?: WaitingFor;
}

/** FLAGS are what the API's members are called here. */
const FLAGS: FlagsByMember = {
  contactId: "--contact-id",
  sharedId: "--shared-id",
  idempotencyKey: "--idempotency-key",
  status: "--status",
  waitingFor: "--waiting-for",
  cursor: "--cursor",
};

export function createHandoffSearchCommand(): Command {
  const command = new Command("search")
    .description("list handoffs, the newest first; every filter given must fit")
    .option("--contact-id <id>", "of one contact")
    .option("--shared-id <id>", "of one id that the project knows it by")
    .option("--idempotency-key <key>", "accepted under this key in the last 24 h")
    .option(...CONNECTOR_OPTION)
    .addOption(new Option("--status <status>", "of one status").choices(HANDOFF_STATUSES))
    .addOption(new Option("--waiting-for <reason>", "queued, and held back by this").choices(WAITING_FOR));
  return addListOptions(command).action(searchHandoffs);
}

async function searchHandoffs(options: SearchOptions): Promise<void> {
  const { contactId, sharedId, idempotencyKey, connectorId, status, waitingFor, ...listing } = options;
  const client = createOperatorClient();
  const filter = {
    ...givenOptions({ contactId, sharedId, idempotencyKey, status, waitingFor }),
    ...(await resolveConnectorFilter(client, connectorId)),
  };
  const found = await readPagesUpToLimit((asked) => client.handoffs({ ...filter, ...asked }), listing, FLAGS);
  const ids = found.items.map((handoff) => handoff.connectorId);
  const nameOf = await readConnectorNamesForTable(client, listing, ids);
  printList(found, listing, { noun: "handoff", columns: handoffColumns(nameOf) });
}

function handoffColumns(nameOf: (connectorId: string) => string): readonly Column<HandoffJson>[] {
  return [
    { title: "HANDOFF", text: ({ id }) => id },
    { title: "CONNECTOR", text: ({ connectorId }) => nameOf(connectorId), flexible: "cut" },
    { title: "CONTACT", text: ({ contactId }) => contactId },
    { title: "STATUS", text: (handoff) => paintHandoffStatus(handoff.status, describeHandoffStatus(handoff)) },
    { title: "ACCEPTED", text: ({ acceptedAt }) => formatTimeFromNow(acceptedAt) },
    { title: "TRIES", text: ({ attempts }) => String(attempts.length), align: "right" },
  ];
}
