/** `baton connectors verify`: each step on the way to CXone. */
import { styleText } from "node:util";
import type { ConnectorJson, Verification } from "@baton/api";
import { describeVerificationRemedy } from "@baton/api/verification-remedy";
import { PARAM_NAMES, type Params } from "@baton/domain";
import { Command } from "commander";
import { createOperatorClient } from "../client-from-environment.ts";
import { EXIT, Misuse } from "../command-errors.ts";
import { findConnector, formatAccountProjectEnvironment } from "../find-connector.ts";
import { awaitWithFlagsInRefusal, type FlagsByMember, replaceMembersByFlags } from "../flag-names-in-refusals.ts";
import { givenOptions, JSON_OPTION } from "../option-parsers.ts";
import { openProgressLine, type PrintOptions, printJsonOrText, terminalWidthIfAny } from "../terminal-output.ts";
import { type Column, formatTable } from "../text-table.ts";

const HELP = `
Without --contact-id nothing is signalled. With it, one real signal goes to that contact, which should be a test call
that is up right now. It exits 1 when a step is not good.`;

interface VerifyOptions extends PrintOptions, Params {
  readonly contactId?: string;
}

export function createConnectorsVerifyCommand(): Command {
  const command = new Command("verify")
    .description("check each step on a connector's way to CXone, and say what to do about the one that fails")
    .argument("<connector>", "its id, name or project")
    .option("--contact-id <id>", "send one real test signal to this contact");
  for (const name of PARAM_NAMES) command.option(`--${name} <text>`, `the test signal's ${name}`);
  return command
    .option(...JSON_OPTION)
    .addHelpText("after", HELP)
    .action(verify);
}

async function verify(wanted: string, { json, contactId, ...params }: VerifyOptions): Promise<void> {
  const hasParams = Object.keys(params).length > 0;
  if (hasParams && contactId === undefined)
    throw new Misuse("only a test signal has parameters: name its contact with --contact-id");
  const client = createOperatorClient();
  const connector = await findConnector(client, wanted);
  const progress = openProgressLine();
  progress.say(
    `verifying ${connector.name}: this takes up to 10 s${contactId === undefined ? "" : ", and the test signal's time"}`,
  );
  const test = givenOptions({ contactId, params: hasParams ? params : undefined });
  const asked = client.verifyConnector(connector.id, test);
  const verification = await awaitWithFlagsInRefusal(FLAGS, asked).finally(progress.clear);
  const steps = verification.steps.map((step) => ({ ...step, ...withRemedy(step) }));
  printJsonOrText({ connectorId: connector.id, ...verification, steps }, { json }, () =>
    describeVerification(connector, verification),
  );
  if (!verification.ok) process.exitCode = EXIT.failed;
}

/** FLAGS are what the API's members are called here. */
const FLAGS: FlagsByMember = {
  contactId: "--contact-id",
  ...Object.fromEntries(PARAM_NAMES.map((name) => [`params/${name}`, `--${name}`])),
};

type Step = Verification["steps"][number];

function withRemedy(step: Step): { readonly remedy?: string } {
  const remedy = describeVerificationRemedy(step);
  return remedy === undefined ? {} : { remedy };
}

const COLUMNS: readonly Column<Step>[] = [
  { title: "STEP", text: ({ name }) => name },
  { title: "", text: ({ ok }) => (ok ? styleText("green", "good") : styleText("red", "bad")) },
  { title: "TOOK", text: ({ durationMs }) => `${durationMs} ms`, align: "right" },
  { title: "DETAIL", text: ({ detail }) => detail, flexible: "cut" },
];

function describeVerification(connector: ConnectorJson, { ok, steps, doesNotProve }: Verification): string {
  const remedies = steps.flatMap((step) => describeVerificationRemedy(step) ?? []);
  return [
    `${connector.name} (${formatAccountProjectEnvironment(connector)}, ${connector.id})`,
    "",
    formatTable(steps, COLUMNS, terminalWidthIfAny()),
    "",
    ok
      ? "All that was tried is good. It does not prove"
      : `What to do: ${remedies.join(" ")}\n\nEven if all were good, it would not prove`,
    ...doesNotProve.map((what) => `  - ${replaceMembersByFlags(what, FLAGS)}`),
  ].join("\n");
}
