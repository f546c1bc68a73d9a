/** `baton demo`: the main job, from POST to replay, on real HTTP. */
import { once } from "node:events";
import { styleText } from "node:util";
import { createLifecycle, type Lifecycle } from "@baton/runtime";
import { Command } from "commander";
import { readDeadLetters } from "../demo/act.ts";
import { introduce } from "../demo/introduce.ts";
import { invite } from "../demo/invite.ts";
import { type DemoFolder, openDemo, openDemoFolder } from "../demo/open-demo.ts";
import { createParties } from "../demo/parties.ts";
import { play } from "../demo/play.ts";
import type { Reckoning } from "../demo/reckoning.ts";
import { createScreen, type Screen } from "../demo/screen.ts";
import { EXIT, explain } from "../exit-code.ts";
import { JSON_OPTION } from "../option.ts";
import type { Printing } from "../print.ts";

/** Between two acts, for whoever watches; milliseconds. */
const PAUSE_MS = 1_500;

interface DemoOptions extends Printing {
  readonly exit?: true;
}

const HELP = `
It starts Redis (or uses BATON_REDIS_URL), a simulator of CXone, ingress, worker and admin, hands off, replays what died, and keeps
running until Ctrl-C, for you to play with.`;

export function demoCommand(): Command {
  return new Command("demo")
    .description("watch handoffs being delivered, retried, dead-lettered and replayed, against a simulator")
    .option("--exit", "end with the demo: 0 when everything ended as it should, else 1")
    .option(JSON_OPTION[0], "print the reckoning as JSON, and the rest to stderr")
    .addHelpText("after", HELP)
    .action(demo);
}

async function demo({ exit, json }: DemoOptions): Promise<never> {
  const stopped = Promise.race([once(process, "SIGINT"), once(process, "SIGTERM")]).then(() => undefined);
  const folder = openDemoFolder();
  const life = createLifecycle({ log: folder.logOf("demo") });
  const stream = json ? process.stderr : process.stdout;
  const screen = createScreen(stream);
  try {
    const run = runDemo(life, { folder, screen, stays: exit === undefined, pauseMs: stream.isTTY ? PAUSE_MS : 0 });
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

async function runDemo(life: Lifecycle, { folder, screen, pauseMs, stays }: DemoRun): Promise<Reckoning> {
  const beganAt = performance.now();
  screen.say(`${styleText("bold", "Baton")} passes live calls from voice agents to people in NICE CXone: its main job, on real HTTP.`);
  screen.say(styleText("dim", "Starting Redis (installed first where there is none), a simulator of CXone, and Baton …"));
  screen.say();
  const demo = await openDemo(life, folder);
  screen.say(introduce(demo, folder));
  const parties = await createParties(demo);
  const reckoning = await play({ demo, parties, screen, pauseMs });
  screen.say();
  for (const difference of reckoning.differences) screen.say(styleText("red", `  ✖ ${difference}`));
  const seconds = ((performance.now() - beganAt) / 1_000).toFixed(0);
  if (reckoning.differences.length === 0) {
    screen.say(styleText(["green", "bold"], `✔ Every handoff ended as it should, and the counts agree. It took ${seconds} s.`));
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
