/** `baton why <id>`: what there is to know of one handoff, in words. */
import type { HandoffDetailsJson } from "@baton/api";
import { Command } from "commander";
import { createProjectOrOperatorClient } from "../client-from-environment.ts";
import { readConnectorNamesByIds } from "../find-connector.ts";
import { type Diagnosis, type DiagnosisContext, diagnoseHandoff } from "../handoff-diagnosis.ts";
import { type FoundHandoff, findHandoffAtIngressOrAdmin } from "../handoff-from-ingress-or-admin.ts";
import { JSON_OPTION } from "../option-parsers.ts";
import { readAuditedReplaysOfHandoff, readCauseOfDeadHandoff } from "../read-handoff-cause-and-replays.ts";
import { type PrintOptions, printJsonOrText, readableTextWidth } from "../terminal-output.ts";
import { formatTable, wrap } from "../text-table.ts";

export function createWhyCommand(): Command {
  return new Command("why")
    .description("say in words what happened to a handoff, what it waits for, and what to do")
    .argument("<id>", "ho_…")
    .option(...JSON_OPTION)
    .action(async (id: string, printing: PrintOptions) => {
      const found = await findHandoffAtIngressOrAdmin(id, createProjectOrOperatorClient());
      const handoff = await readHandoffDetails(found);
      const diagnosis = diagnoseHandoff(handoff, await readDiagnosisContext(found));
      printJsonOrText({ id, status: handoff.status, ...diagnosis }, printing, (shown) => describeDiagnosis(shown));
    });
}

/** Operators are shown more of a handoff than its sender. */
async function readHandoffDetails({ handoff, operator }: FoundHandoff): Promise<HandoffDetailsJson> {
  return operator === undefined ? handoff : operator.handoff(handoff.id);
}

/** The connector's figures are the operators'. */
async function readDiagnosisContext({ handoff, operator }: FoundHandoff): Promise<DiagnosisContext> {
  const { connectorId } = handoff;
  if (operator === undefined) return { connector: connectorId };
  const [nameOf, overview, cause, replays] = await Promise.all([
    readConnectorNamesByIds(operator, [connectorId]),
    handoff.status === "queued" ? operator.overview() : undefined,
    readCauseOfDeadHandoff(operator, handoff),
    handoff.replays === 0 ? [] : readAuditedReplaysOfHandoff(operator, handoff),
  ]);
  return {
    connector: nameOf(connectorId),
    figures: overview?.connectors.find((connector) => connector.id === connectorId),
    everything: overview,
    cause,
    replays,
  };
}

/** wrapAroundCommands keeps each command in one line, so that it can be copied. */
function wrapAroundCommands(text: string, width: number): string {
  const joined = text.replaceAll(/`[^`]+`/g, (command) => command.replaceAll(" ", "\u00a0"));
  return wrap(joined, width).replaceAll("\u00a0", " ");
}

function describeDiagnosis({ happened, now, todo }: Diagnosis): string {
  const width = readableTextWidth();
  const events = formatTable(
    happened,
    [
      { title: "WHEN", text: ({ at }) => at },
      { title: "WHAT HAPPENED", text: ({ text }) => text, flexible: "wrap" },
    ],
    width,
  );
  const state = wrapAroundCommands(now, width);
  return todo === undefined
    ? `${events}\n\n${state}`
    : `${events}\n\n${state}\n\n${wrapAroundCommands(`What to do: ${todo}`, width)}`;
}
