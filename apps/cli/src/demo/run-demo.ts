/** The demo as a command: opened, played, left running, closed. */
import { styleText } from "node:util";
import { ConfigurationFault, createLifecycle, type Lifecycle } from "@baton/runtime";
import { EXIT, explain } from "../command-errors.ts";
import type { Printing } from "../output.ts";
import { introduce, invite } from "./messages.ts";
import { type DemoFolder, openDemo, openDemoFolder } from "./open-demo.ts";
import { createScreen, type Screen } from "./screen.ts";
import { readDeadLetters } from "./steps.ts";
import type { Reckoning } from "./summary.ts";
import { createParties } from "./tenants.ts";
import { play } from "./walkthrough.ts";

/** Between two acts, for whoever watches; milliseconds. */
const PAUSE_MS = 1_500;

/** DemoOptions: `exit` ends it when it has been played; `json` prints the reckoning, and sends all else to stderr. */
export interface DemoOptions extends Printing {
  readonly exit?: true;
}

/** runDemo exits 0 when everything ended as it should, else 1. */
export async function runDemo({ exit, json }: DemoOptions): Promise<never> {
  const stopped = stopSignal();
  const folder = openDemoFolder();
  const life = createLifecycle({ log: folder.logOf("demo") });
  const stream = json ? process.stderr : process.stdout;
  const screen = createScreen(stream);
  try {
    const run = runActs(life, { folder, screen, stays: exit === undefined, pauseMs: stream.isTTY ? PAUSE_MS : 0 });
    const reckoning = await Promise.race([run, stopped]);
    if (reckoning !== undefined && json) process.stdout.write(`${JSON.stringify(reckoning, null, 2)}\n`);
    if (reckoning !== undefined && exit === undefined) await stopped;
    const differs = reckoning !== undefined && reckoning.differences.length > 0;
    screen.close();
    await life.close();
    // The log is kept for whoever has to find out why.
    if (!differs) folder.remove();
    process.exit(reckoning === undefined || differs ? EXIT.failed : EXIT.done);
  } catch (error) {
    screen.close();
    await life.close();
    if (error instanceof ConfigurationFault) throw error;
    throw new Error(`the demo broke off; the log is in ${folder.logPath}: ${explain(error)}`, { cause: error });
  }
}

interface DemoRun {
  readonly folder: DemoFolder;
  readonly screen: Screen;
  readonly pauseMs: number;
  /** It goes on running when it has been played. */
  readonly stays: boolean;
}

async function runActs(life: Lifecycle, { folder, screen, pauseMs, stays }: DemoRun): Promise<Reckoning> {
  const beganAt = performance.now();
  screen.say(
    `${styleText("bold", "Baton")} passes live calls from voice agents to people in NICE CXone: its main job, on real HTTP.`,
  );
  screen.say(
    styleText("dim", "Starting Redis (installed first where there is none), a simulator of CXone, and Baton …"),
  );
  screen.say();
  const demo = await openDemo(life, folder);
  screen.say(introduce(demo, folder));
  const parties = await createParties(demo);
  const reckoning = await play({ demo, parties, screen, pauseMs });
  screen.say();
  for (const difference of reckoning.differences) screen.say(styleText("red", `  ✖ ${difference}`));
  const seconds = ((performance.now() - beganAt) / 1_000).toFixed(0);
  if (reckoning.differences.length === 0) {
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
    screen.say(invite(demo, parties, (await readDeadLetters(demo)).at(0)?.id));
  }
  return reckoning;
}

/**
 * A terminal and the launcher may both send the same signal: the second one must not end what the first has begun to
 * close.
 */
function stopSignal(): Promise<undefined> {
  return new Promise((resolve) => {
    process.on("SIGINT", () => resolve(undefined));
    process.on("SIGTERM", () => resolve(undefined));
  });
}
