/** `baton keys`: whom the admin API lets in, and as what. */
import type { AdminKeyJson } from "@baton/api";
import { ROLES, type Role } from "@baton/domain";
import { Command, Option } from "commander";
import { askForYesAtTerminal, type ConfirmOptions, YES_OPTION } from "../ask-for-confirmation.ts";
import { createOperatorClient } from "../client-from-environment.ts";
import { awaitWithFlagsInRefusal, type FlagsByMember } from "../flag-names-in-refusals.ts";
import { givenOptions, JSON_OPTION } from "../option-parsers.ts";
import { addListOptions, type ListOptions, printList, readPagesUpToLimit } from "../paged-list.ts";
import { formatInstantWithDistance, formatTimeFromNow, readFutureInstant } from "../parse-and-format-instants.ts";
import { type PrintOptions, printHint, printJsonOrText } from "../terminal-output.ts";
import type { Column } from "../text-table.ts";

/** FLAGS are what the API's members are called here. */
const FLAGS: FlagsByMember = { name: "<name>", role: "--role", expiresAt: "--expires", cursor: "--cursor" };

export function createAdminKeysCommand(): Command {
  return new Command("keys")
    .description("list, issue and revoke admin keys")
    .addCommand(createListCommand())
    .addCommand(createIssueCommand())
    .addCommand(createRevokeCommand());
}

function createListCommand(): Command {
  return addListOptions(new Command("list").description("list admin keys; their secrets are never shown")).action(
    async (listing: ListOptions) => {
      const client = createOperatorClient();
      const found = await readPagesUpToLimit((asked) => client.adminKeys(asked), listing, FLAGS);
      printList(found, listing, { noun: "key", columns: COLUMNS });
    },
  );
}

interface IssueOptions extends PrintOptions {
  readonly role: Role;
  readonly expires?: string;
}

function createIssueCommand(): Command {
  return new Command("issue")
    .description("issue an admin key; it is shown this once")
    .argument("<name>", "whose it is, such as 'Ana, on call'; the audit shows it")
    .addOption(new Option("--role <role>", "what it may do").choices(ROLES).makeOptionMandatory())
    .option("--expires <when>", "ends by itself then: 8h from now, or 2026-12-31T00:00:00Z", readFutureInstant)
    .option(...JSON_OPTION)
    .action(async (name: string, { role, expires, json }: IssueOptions) => {
      const body = { name, role, ...givenOptions({ expiresAt: expires }) };
      const created = await awaitWithFlagsInRefusal(FLAGS, createOperatorClient().createAdminKey(body));
      printJsonOrText(created, { json }, ({ token }) => token);
      if (json !== true)
        printHint(`\n${created.role} key ${created.id}. To shut it out: baton keys revoke ${created.id}`);
    });
}

function createRevokeCommand(): Command {
  return new Command("revoke")
    .description("shut an admin key out, within 2 s, and end its sessions of the console")
    .argument("<id>", "as `keys list` shows it")
    .option(...YES_OPTION)
    .action(async (id: string, { yes }: ConfirmOptions) => {
      const client = createOperatorClient();
      await askForYesAtTerminal(`Revoke ${id}? Its users are shut out.`, yes);
      await client.revokeAdminKey(id);
      printHint(`${id} is revoked.`);
    });
}

const COLUMNS: readonly Column<AdminKeyJson>[] = [
  { title: "KEY", text: ({ id }) => id },
  { title: "NAME", text: ({ name }) => name, flexible: "cut" },
  { title: "ROLE", text: ({ role }) => role },
  { title: "CREATED", text: ({ createdAt }) => formatTimeFromNow(createdAt) },
  {
    title: "LAST USED",
    text: ({ lastUsedAt }) => (lastUsedAt === undefined ? "never" : formatTimeFromNow(lastUsedAt)),
  },
  { title: "EXPIRES", text: ({ expiresAt }) => (expiresAt === undefined ? "" : formatInstantWithDistance(expiresAt)) },
];
