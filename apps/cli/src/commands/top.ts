/** `baton top`: the overview, drawn anew every two seconds on a terminal. */
import { setTimeout as sleep } from "node:timers/promises";
import { styleText } from "node:util";
import { type BatonClient, ProblemError, type ReceivedCause } from "@baton/api";
import { Command } from "commander";
import { createOperatorClient } from "../client-from-environment.ts";
import { describeError, runBeforeInterruptExit } from "../command-errors.ts";
import { JSON_OPTION } from "../option-parsers.ts";
import { describeOverview, type OverviewData } from "../overview-view.ts";
import { canRedraw, type PrintOptions, printHint, printJsonOrText, terminalWidthIfAny } from "../terminal-output.ts";
import { limitLines } from "../text-table.ts";

/** As the console does; milliseconds. */
const REDRAW_INTERVAL_MS = 2_000;
/** So many causes are shown, of as many as one page has. */
const MAX_CAUSES = 5;
const PAGE_SIZE = 500;
/** Lines that are not connectors, about. */
const OTHER_LINES = 18;
const MAX_CONNECTORS = 200;
/** Below what is shown: an empty line, when it was read, which may take two, and the cursor's. */
const LINES_BELOW = 4;

export function createTopCommand(): Command {
  return new Command("top")
    .description("show who waits, what fails and how each connector does; on a terminal live, until Ctrl-C")
    .option("--once", "once, also on a terminal")
    .option(JSON_OPTION[0], "print JSON, once")
    .action(async ({ once, json }: PrintOptions & { readonly once?: true }) => {
      const client = createOperatorClient();
      if (json === true) return printJsonOrText(await client.overview(), { json }, String);
      if (once === true || !canRedraw(process.stdout)) return await showOverviewOnce(client);
      await showOverviewLive(client);
    });
}

async function showOverviewOnce(client: BatonClient): Promise<void> {
  const seen = await readOverview(client);
  process.stdout.write(`${describeOverview(seen, { width: terminalWidthIfAny(), maxConnectors: MAX_CONNECTORS })}\n`);
  for (const command of nextCommands(seen)) printHint(command);
}

async function readOverview(client: BatonClient): Promise<OverviewData> {
  const [overview, causes] = await Promise.all([client.overview(), readWorstCauses(client)]);
  return { overview, causes: causes.filter(({ state }) => state !== "ignored").slice(0, MAX_CAUSES) };
}

/** readWorstCauses reads those with most dead letters of the last hour first, also where admin cannot sort them. */
async function readWorstCauses(client: BatonClient): Promise<readonly ReceivedCause[]> {
  try {
    return (await client.causes({ limit: PAGE_SIZE, sort: "lastHour" })).items;
  } catch (error) {
    const isOfEarlierBuild = error instanceof ProblemError && error.status === 400;
    if (!isOfEarlierBuild) throw error;
    return (await client.causes({ limit: PAGE_SIZE })).items.toSorted((a, b) => b.lastHour - a.lastHour);
  }
}

/** showOverviewLive keeps what was last known on the screen while admin does not answer. */
async function showOverviewLive(client: BatonClient): Promise<never> {
  const { createLogUpdate } = await import("log-update");
  const screen = createLogUpdate(process.stdout);
  runBeforeInterruptExit(() => screen.done());
  let last: { readonly text: string; readonly at: Date } | undefined;
  for (;;) {
    try {
      const seen = await readOverview(client);
      last = { text: describeOverviewOnScreen(seen), at: new Date() };
      screen(`${last.text}\n\n${styleText("dim", `${last.at.toISOString()} · every 2 s · Ctrl-C ends it`)}`);
    } catch (error) {
      // With nothing on the screen yet, it is the command that fails.
      if (last === undefined) throw error;
      const lost = styleText(
        "yellow",
        `No answer since ${last.at.toISOString()}: ${describeError(error)}. Still trying.`,
      );
      screen(`${styleText("dim", last.text)}\n\n${lost}`);
    }
    await sleep(REDRAW_INTERVAL_MS);
  }
}

function describeOverviewOnScreen(seen: OverviewData): string {
  const { columns, rows } = process.stdout;
  const text = describeOverview(seen, { width: columns, maxConnectors: Math.max(1, rows - OTHER_LINES) });
  return limitLines(text, rows - LINES_BELOW);
}

function nextCommands({ overview: { handoffs }, causes }: OverviewData): readonly string[] {
  return [
    ...(handoffs.mostUrgent === undefined ? [] : [`\nWhat it waits for: baton why ${handoffs.mostUrgent.id}`]),
    ...(causes.length === 0 ? [] : ["\nWhat failed, and what to do: baton dead-letters causes"]),
  ];
}
