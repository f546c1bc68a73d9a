/** `baton connectors tokens` and `screen-pop-keys`: list, issue and revoke them. */
import type { TokenJson } from "@baton/api";
import { Command } from "commander";
import { askForYesAtTerminal, type ConfirmOptions, YES_OPTION } from "../ask-for-confirmation.ts";
import { createOperatorClient } from "../client-from-environment.ts";
import { findConnector } from "../find-connector.ts";
import { awaitWithFlagsInRefusal, type FlagsByMember } from "../flag-names-in-refusals.ts";
import { givenOptions, JSON_OPTION, readDuration } from "../option-parsers.ts";
import { addListOptions, type ListOptions, printList, readPagesUpToLimit } from "../paged-list.ts";
import { formatInstantWithDistance, formatTimeFromNow } from "../parse-and-format-instants.ts";
import { type PrintOptions, printHint, printJsonOrText } from "../terminal-output.ts";
import type { Column } from "../text-table.ts";

/** FLAGS are what the API's members are called here. */
const FLAGS: FlagsByMember = { overlapMs: "--overlap", cursor: "--cursor" };

/** What the two kinds of secrets are called, and the client's methods for them. */
const KINDS = {
  tokens: {
    noun: "token",
    description: "list, issue and revoke the tokens that a project's handoffs carry",
    list: "tokens",
    issue: "createToken",
    revoke: "revokeToken",
  },
  "screen-pop-keys": {
    noun: "screen-pop key",
    description: "list, issue and revoke the keys that read a project's handoff state",
    list: "screenPopKeys",
    issue: "createScreenPopKey",
    revoke: "revokeScreenPopKey",
  },
} as const;

type Kind = keyof typeof KINDS;

/** createConnectorTokensCommand makes `connectors tokens` or `connectors screen-pop-keys`. */
export function createConnectorTokensCommand(kind: Kind): Command {
  return new Command(kind)
    .description(KINDS[kind].description)
    .addCommand(createListCommand(kind))
    .addCommand(createIssueConnectorTokenCommand(kind, "issue"))
    .addCommand(createRevokeCommand(kind));
}

function createListCommand(kind: Kind): Command {
  const { noun, list } = KINDS[kind];
  const command = new Command("list")
    .description(`list a connector's ${noun}s; their secrets are never shown`)
    .argument("<connector>", "its id, name or project");
  return addListOptions(command).action(async (wanted: string, listing: ListOptions) => {
    const client = createOperatorClient();
    const { id } = await findConnector(client, wanted);
    const found = await readPagesUpToLimit((asked) => client[list](id, asked), listing, FLAGS);
    printList(found, listing, { noun, columns: COLUMNS });
  });
}

/** createIssueConnectorTokenCommand is also `connectors token`. */
export function createIssueConnectorTokenCommand(kind: Kind, name: string): Command {
  const { noun, issue } = KINDS[kind];
  return new Command(name)
    .description(`issue a connector's ${noun}; it is shown this once`)
    .argument("<connector>", "its id, name or project")
    .option("--overlap <duration>", "older ones expire after this time; without it they stay valid", readDuration)
    .option(...JSON_OPTION)
    .action(async (wanted: string, { overlap, json }: PrintOptions & { readonly overlap?: number }) => {
      const client = createOperatorClient();
      const { id } = await findConnector(client, wanted);
      const created = await awaitWithFlagsInRefusal(FLAGS, client[issue](id, givenOptions({ overlapMs: overlap })));
      printJsonOrText(created, { json }, ({ token }) => token);
    });
}

function createRevokeCommand(kind: Kind): Command {
  const { noun, revoke } = KINDS[kind];
  return new Command("revoke")
    .description(`shut a ${noun} out, within 2 s`)
    .argument("<connector>", "its id, name or project")
    .argument("<id>", `the ${noun}'s, as \`list\` shows it`)
    .option(...YES_OPTION)
    .action(async (wanted: string, tokenId: string, { yes }: ConfirmOptions) => {
      const client = createOperatorClient();
      const connector = await findConnector(client, wanted);
      await askForYesAtTerminal(`Revoke ${tokenId} of ${connector.name}? Its users are refused.`, yes);
      await client[revoke](connector.id, tokenId);
      printHint(`${tokenId} is revoked.`);
    });
}

const COLUMNS: readonly Column<TokenJson>[] = [
  { title: "ID", text: ({ id }) => id },
  { title: "CREATED", text: ({ createdAt }) => formatInstantWithDistance(createdAt) },
  {
    title: "LAST USED",
    text: ({ lastUsedAt }) => (lastUsedAt === undefined ? "never" : formatTimeFromNow(lastUsedAt)),
  },
  { title: "EXPIRES", text: ({ expiresAt }) => (expiresAt === undefined ? "" : formatInstantWithDistance(expiresAt)) },
];
