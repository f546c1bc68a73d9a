/** `baton demo`: opens everything, runs the steps, leaves it running, closes it. */
import { styleText } from "node:util";
import { ConfigurationFault, createProcessLifecycle, type Lifecycle } from "@baton/runtime";
import { describeError, EXIT } from "../command-errors.ts";
import type { PrintOptions } from "../terminal-output.ts";
import type { DemoSummary } from "./check-demo-results.ts";
import { createTemporaryDemoFolder, type DemoFolder, startDemoServices } from "./demo-services.ts";
import { runWalkthrough } from "./demo-walkthrough.ts";
import { formatIntro, formatNextSteps } from "./intro-and-next-steps.ts";
import { createLiveScreen, type LiveScreen } from "./live-screen.ts";
import { readAllDeadLetters } from "./send-and-replay-handoffs.ts";
import { createTenantConnectors } from "./tenant-connectors.ts";

/** Between two steps, for the person who watches; milliseconds. */
const PAUSE_MS = 1_500;

/** DemoOptions: `exit` ends it after the last step; `json` prints the summary, and sends all else to stderr. */
export interface DemoOptions extends PrintOptions {
  readonly exit?: true;
}

/** runDemo exits 0 when everything ended as it should, else 1. */
export async function runDemo({ exit, json }: DemoOptions): Promise<never> {
  const stopped = untilStopSignal();
  const folder = createTemporaryDemoFolder();
  const life = createProcessLifecycle({ log: folder.logOf("demo") });
  const stream = json ? process.stderr : process.stdout;
  const screen = createLiveScreen(stream);
  try {
    const run = showDemo(life, { folder, screen, stays: exit === undefined, pauseMs: stream.isTTY ? PAUSE_MS : 0 });
    const summary = await Promise.race([run, stopped]);
    if (summary !== undefined && json) process.stdout.write(`${JSON.stringify(summary, null, 2)}\n`);
    if (summary !== undefined && exit === undefined) await stopped;
    const differs = summary !== undefined && summary.differences.length > 0;
    screen.close();
    await life.close();
    // The log is kept, to find out why.
    if (!differs) folder.remove();
    process.exit(summary === undefined || differs ? EXIT.failed : EXIT.done);
  } catch (error) {
    screen.close();
    await life.close();
    if (error instanceof ConfigurationFault) throw error;
    throw new Error(`the demo broke off; the log is in ${folder.logPath}: ${describeError(error)}`, { cause: error });
  }
}

interface DemoRun {
  readonly folder: DemoFolder;
  readonly screen: LiveScreen;
  readonly pauseMs: number;
  /** It keeps running after the last step. */
  readonly stays: boolean;
}

async function showDemo(life: Lifecycle, { folder, screen, pauseMs, stays }: DemoRun): Promise<DemoSummary> {
  const beganAt = performance.now();
  screen.say(
    `${styleText("bold", "Baton")} passes live calls from voice agents to people in NICE CXone: its main job, on real HTTP.`,
  );
  screen.say(
    styleText("dim", "Starting Redis (installed first where there is none), a simulator of CXone, and Baton …"),
  );
  screen.say();
  const demo = await startDemoServices(life, folder);
  screen.say(formatIntro(demo, folder));
  const tenants = await createTenantConnectors(demo);
  const summary = await runWalkthrough({ demo, tenants, screen, pauseMs });
  screen.say();
  for (const difference of summary.differences) screen.say(styleText("red", `  ✖ ${difference}`));
  const seconds = ((performance.now() - beganAt) / 1_000).toFixed(0);
  if (summary.differences.length === 0) {
    screen.say(
      styleText(["green", "bold"], `✔ Every handoff ended as it should, and the counts agree. It took ${seconds} s.`),
    );
  } else {
    screen.say(styleText(["red", "bold"], `✖ Not everything ended as it should; the log is in ${folder.logPath}.`));
  }
  if (stays) {
    screen.say();
    screen.say(styleText("bold", "All of it keeps running until Ctrl-C."));
    screen.say();
    screen.say(formatNextSteps(demo, tenants, (await readAllDeadLetters(demo)).at(0)?.id));
  }
  return summary;
}

/**
 * A terminal and the launcher may both send the same signal: the second one must not end what the first has begun to
 * close.
 */
function untilStopSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    process.on("SIGINT", () => resolve(undefined));
    process.on("SIGTERM", () => resolve(undefined));
  });
}
