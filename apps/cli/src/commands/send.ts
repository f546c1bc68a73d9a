/** `baton send`: one handoff, as a project's voice agent would send it. */
import type { HandoffBody } from "@baton/api";
import { describeDeadHandoffRemedy } from "@baton/api/dead-letter-remedy";
import { PARAM_NAMES, type Params } from "@baton/domain";
import { Command } from "commander";
import { createProjectTokenClient } from "../client-from-environment.ts";
import { EXIT } from "../command-errors.ts";
import { awaitWithFlagsInRefusal, type FlagsByMember } from "../flag-names-in-refusals.ts";
import { describeHandoff } from "../handoff-view.ts";
import {
  collectSignalParam,
  createDurationReader,
  givenOptions,
  JSON_OPTION,
  parseJsonObjectOption,
  readDeadline,
  readDuration,
} from "../option-parsers.ts";
import { type PrintOptions, printHint, printJsonOrText } from "../terminal-output.ts";

interface SendOptions extends PrintOptions {
  readonly context?: Record<string, unknown>;
  readonly sharedId?: string;
  readonly deadline?: number;
  readonly delay?: number;
  readonly idempotencyKey?: string;
  readonly wait?: number;
}

/** FLAGS are what the API's members are called here. */
const FLAGS: FlagsByMember = {
  contactId: "<contactId>",
  ...Object.fromEntries(PARAM_NAMES.map((name) => [`params/${name}`, name])),
  context: "--context",
  sharedId: "--shared-id",
  deadlineMs: "--deadline",
  delayMs: "--delay",
  "idempotency-key": "--idempotency-key",
  wait: "--wait",
};

const HELP = `
Example: baton send 100000000001 p1=Escalate p2="billing question" --wait 10s
With --wait it exits 1 when the handoff ended without being delivered.`;

export function createSendCommand(): Command {
  return new Command("send")
    .description("send a handoff through ingress, as the project whose token BATON_TOKEN is")
    .argument("<contactId>", "the CXone contact to signal: 1 to 19 digits")
    .argument("[params...]", "parameters of the signal: p1=… to p9=…", collectSignalParam)
    .option("--context <json>", "a JSON object for the agent's screen; never sent to CXone", parseJsonObjectOption)
    .option("--shared-id <id>", "an id that the project knows it by")
    .option("--deadline <duration>", "how long Baton tries, such as 30s", readDeadline)
    .option("--delay <duration>", "hold the signal back first", readDuration)
    .option("--idempotency-key <key>", "sent twice under one key, it is accepted once")
    .option("--wait <duration>", "wait for its end, 1s to 30s", createDurationReader("1s", "30s"))
    .option(...JSON_OPTION)
    .addHelpText("after", HELP)
    .action(sendHandoff);
}

async function sendHandoff(contactId: string, params: Params | [], options: SendOptions): Promise<void> {
  const { context, sharedId, deadline, delay, idempotencyKey, wait } = options;
  const body: HandoffBody = {
    contactId,
    ...(Array.isArray(params) ? {} : { params }),
    ...givenOptions({ context, sharedId, deadlineMs: deadline, delayMs: delay }),
  };
  const asked = createProjectTokenClient().send(body, givenOptions({ idempotencyKey, waitMs: wait }));
  const handoff = await awaitWithFlagsInRefusal(FLAGS, asked);
  printJsonOrText(handoff, options, () => describeHandoff(handoff));
  const remedy = describeDeadHandoffRemedy(handoff);
  if (remedy !== undefined && options.json !== true) printHint(`\n${remedy}`);
  if (handoff.status === "dead" || handoff.status === "cancelled") process.exitCode = EXIT.failed;
}
