/** `baton connectors`: which projects reach which business units. */
import type { ConnectorJson } from "@baton/api";
import { Command } from "commander";
import { connectAsOperator } from "../connection.ts";
import { readConnectorFile } from "../connector-file.ts";
import { JSON_OPTION, readDuration } from "../option.ts";
import { count, type Printing, print, terminalWidth } from "../print.ts";
import { type Column, formatFields, formatTable } from "../table.ts";

export function connectorsCommand(): Command {
  return new Command("connectors")
    .description("list, show and create connectors, and issue their tokens")
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(createCommand())
    .addCommand(tokenCommand());
}

interface ListOptions extends Printing {
  readonly cursor?: string;
  readonly limit?: string;
}

function listCommand(): Command {
  return new Command("list")
    .description("list connectors, the oldest first")
    .option("--limit <number>", "at most so many, 1 to 500")
    .option("--cursor <cursor>", "the page that follows")
    .option(...JSON_OPTION)
    .action(async ({ json, ...search }: ListOptions) => {
      print(await connectAsOperator().connectors(search), { json }, ({ items, nextCursor }) =>
        [
          ...(items.length === 0 ? [count(0, "connector")] : [formatTable(items, COLUMNS, terminalWidth())]),
          ...(nextCursor === undefined ? [] : ["", `More: --cursor ${nextCursor}`]),
        ].join("\n"),
      );
    });
}

function showCommand(): Command {
  return new Command("show")
    .description("show a connector; its credentials are never shown")
    .argument("<id>", "cn_…")
    .option(...JSON_OPTION)
    .action(async (id: string, printing: Printing) => print(await connectAsOperator().connector(id), printing, describe));
}

const CREATE_HELP = `
The file holds JSON as POST /admin/v1/connectors takes it; \${NAME} in it stands for a variable of the environment:

  {
    "name": "Acme support line", "accountId": "acme", "projectId": "support-line",
    "credentials": {
      "clientId": "baton@acme", "clientSecret": "\${CXONE_CLIENT_SECRET}",
      "accessKeyId": "\${CXONE_ACCESS_KEY_ID}", "accessKeySecret": "\${CXONE_ACCESS_KEY_SECRET}"
    }
  }`;

function createCommand(): Command {
  return new Command("create")
    .description("create a connector from a file")
    .argument("<file>", "JSON; - reads stdin")
    .option(...JSON_OPTION)
    .addHelpText("after", CREATE_HELP)
    .action(async (file: string, printing: Printing) => {
      const connector = readConnectorFile(file);
      print(await connectAsOperator().createConnector(connector), printing, describe);
    });
}

function tokenCommand(): Command {
  return new Command("token")
    .description("issue a token for a connector's handoffs; it is shown this once")
    .argument("<id>", "cn_…")
    .option("--overlap <duration>", "older tokens expire after this time; without it they stay valid", readDuration)
    .option(...JSON_OPTION)
    .action(async (id: string, { overlap, json }: Printing & { readonly overlap?: number }) => {
      const created = await connectAsOperator().createToken(id, overlap === undefined ? {} : { overlapMs: overlap });
      print(created, { json }, ({ token }) => token);
    });
}

const COLUMNS: readonly Column<ConnectorJson>[] = [
  { title: "CONNECTOR", text: ({ id }) => id },
  { title: "NAME", text: ({ name }) => name, flexible: true },
  { title: "PROJECT", text: ({ accountId, projectId, environment }) => `${accountId}/${projectId}/${environment}`, flexible: true },
  { title: "GUARANTEE", text: ({ delivery }) => delivery.guarantee },
  { title: "STATE", text: stateOf },
];

function describe(connector: ConnectorJson): string {
  const { id, name, accountId, projectId, environment, businessUnit, pseudoNumbers, contactIdHeader, cxone, delivery, createdAt } =
    connector;
  const { rate, backoff } = delivery;
  return formatFields({
    connector: id,
    name,
    project: `${accountId}/${projectId}/${environment}`,
    "business unit": businessUnit,
    state: stateOf(connector),
    "pseudo numbers": pseudoNumbers.join(", ") || undefined,
    "contact id from": contactIdHeader,
    CXone: `${cxone.issuer}, ${cxone.apiVersion}, parameters in ${cxone.paramsIn}`,
    API: cxone.apiEndpoint ?? "discovered",
    tenant: cxone.tenantId,
    credentials: Object.keys(connector.credentials).join(", "),
    guarantee: delivery.guarantee,
    attempts: `at most ${delivery.maxAttempts}, ${delivery.attemptTimeoutMs} ms each, ${backoff.baseMs} to ${backoff.capMs} ms apart`,
    deadline: `${delivery.deadlineMs} ms`,
    rate: rate === null ? "no limit" : `${rate.perSecond} a second, ${rate.burst} at once`,
    "handoff's id in": delivery.handoffIdParam,
    created: createdAt,
  });
}

function stateOf({ enabled, paused }: ConnectorJson): string {
  if (!enabled) return "disabled";
  return paused ? "paused" : "enabled";
}
