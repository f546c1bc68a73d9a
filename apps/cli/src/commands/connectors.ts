/** `baton connectors`: which projects reach which business units. */
import type { ConnectorJson } from "@baton/api";
import { Command } from "commander";
import { createOperatorClient } from "../client-from-environment.ts";
import { findConnector, formatAccountProjectEnvironment } from "../find-connector.ts";
import { JSON_OPTION } from "../option-parsers.ts";
import { addListOptions, type ListOptions, printList, readPagesUpToLimit } from "../paged-list.ts";
import { formatInstantWithDistance, formatTimeFromNow } from "../parse-and-format-instants.ts";
import { type PrintOptions, printJsonOrText } from "../terminal-output.ts";
import { type Column, formatFields } from "../text-table.ts";
import { createConnectorTokensCommand, createIssueConnectorTokenCommand } from "./connector-tokens.ts";
import { CONNECTOR_HELP, createConnectorsApplyCommand } from "./connectors-apply.ts";
import { createConnectorsExportCommand } from "./connectors-export.ts";
import { createConnectorsPauseOrResumeCommand } from "./connectors-pause-and-resume.ts";
import { createConnectorsVerifyCommand } from "./connectors-verify.ts";

export function createConnectorsCommand(): Command {
  return new Command("connectors")
    .description("list, show, apply, export, verify and pause connectors; their tokens and screen-pop keys")
    .addCommand(createListCommand())
    .addCommand(createShowCommand())
    .addCommand(createCommand())
    .addCommand(createConnectorsApplyCommand())
    .addCommand(createConnectorsExportCommand())
    .addCommand(createConnectorsVerifyCommand())
    .addCommand(createConnectorsPauseOrResumeCommand("pause"))
    .addCommand(createConnectorsPauseOrResumeCommand("resume"))
    .addCommand(createIssueConnectorTokenCommand("tokens", "token"))
    .addCommand(createConnectorTokensCommand("tokens"))
    .addCommand(createConnectorTokensCommand("screen-pop-keys"));
}

function createListCommand(): Command {
  return addListOptions(new Command("list").description("list connectors, the oldest first")).action(
    async (listing: ListOptions) => {
      const client = createOperatorClient();
      printList(await readPagesUpToLimit((asked) => client.connectors(asked), listing), listing, {
        noun: "connector",
        columns: COLUMNS,
      });
    },
  );
}

function createShowCommand(): Command {
  return new Command("show")
    .description("show a connector; its credentials are never shown")
    .argument("<connector>", "its id, name or project")
    .option(...JSON_OPTION)
    .action(async (wanted: string, printing: PrintOptions) =>
      printJsonOrText(await findConnector(createOperatorClient(), wanted), printing, describeConnector),
    );
}

function createCommand(): Command {
  return new Command("create")
    .description("create one connector from a file; `apply` also changes those that are there")
    .argument("<file>", "YAML or JSON; - reads stdin")
    .option(...JSON_OPTION)
    .addHelpText("after", CONNECTOR_HELP)
    .action(async (file: string, printing: PrintOptions) => {
      const { readOneConnectorFromFile } = await import("../connector-file.ts");
      const connector = readOneConnectorFromFile(file);
      printJsonOrText(await createOperatorClient().createConnector(connector), printing, describeConnector);
    });
}

const COLUMNS: readonly Column<ConnectorJson>[] = [
  { title: "CONNECTOR", text: ({ id }) => id },
  { title: "NAME", text: ({ name }) => name, flexible: "cut" },
  { title: "PROJECT", text: formatAccountProjectEnvironment, flexible: "cut" },
  { title: "GUARANTEE", text: ({ delivery }) => delivery.guarantee },
  { title: "STATE", text: (connector) => describeConnectorState(connector, (at) => `, ends ${formatTimeFromNow(at)}`) },
];

function describeConnector(connector: ConnectorJson): string {
  const { id, name, businessUnit, pseudoNumbers, contactIdHeader, cxone, delivery, createdAt } = connector;
  const { rate, backoff } = delivery;
  return formatFields({
    connector: id,
    name,
    project: formatAccountProjectEnvironment(connector),
    "business unit": businessUnit,
    state: describeConnectorState(connector, (at) => ` until ${formatInstantWithDistance(at)}`),
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
    created: formatInstantWithDistance(createdAt),
  });
}

/** describeConnectorState says of a pause that ends by itself when it does, in the words of `end`. */
function describeConnectorState({ enabled, paused, pausedUntil }: ConnectorJson, end: (at: string) => string): string {
  if (!enabled) return "disabled";
  if (!paused) return "enabled";
  return pausedUntil === undefined ? "paused" : `paused${end(pausedUntil)}`;
}
