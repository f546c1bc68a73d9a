/** `baton replays watch` and `baton discards watch`: a run's progress, until nothing moves by itself any more. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BatonClient, RunJson } from "@baton/api";
import type { RunKind } from "@baton/domain";
import { Command } from "commander";
import { createOperatorClient } from "../client-from-environment.ts";
import { describeError, EXIT, runBeforeInterruptExit } from "../command-errors.ts";
import { formatCount } from "../number-format.ts";
import { JSON_OPTION } from "../option-parsers.ts";
import { countEndedRunItems, describeRun, describeRunStatus } from "../plan-and-run-view.ts";
import { canRedraw, type PrintOptions, printHint, printJsonOrText } from "../terminal-output.ts";

/** Milliseconds between two requests. */
const POLL_INTERVAL_MS = 500;
/** So many requests in a row may fail, about a minute's, before the command gives up. */
const MAX_FAILURES = 120;
/** Characters of a bar. */
const MAX_BAR_WIDTH = 40;
/** Characters of the figures behind it, of a run of some ten thousand. */
const FIGURES_WIDTH = 72;

export function createWatchRunCommand(kind: RunKind): Command {
  return new Command("watch")
    .description("show a run's progress until it ends or is paused; Ctrl-C lets the run go on")
    .argument("<id>", "rn_…")
    .option(...JSON_OPTION)
    .action(async (id: string, printing: PrintOptions) => {
      const client = createOperatorClient();
      const view = await openRunView(await client.run(kind, id));
      runBeforeInterruptExit(() => {
        view.close();
        printHint(`\nThe run goes on. To stop it: baton ${kind}s cancel ${id}`);
      });
      const run = await followRun(client, { kind, id, view }).finally(view.close);
      printJsonOrText(run, printing, describeRun);
      printNextSteps(run);
    });
}

/** RunView shows how far a run came. */
interface RunView {
  show(run: RunJson): void;
  close(): void;
}

interface FollowOptions {
  readonly kind: RunKind;
  readonly id: string;
  readonly view: RunView;
}

/** followRun reads the run until nothing moves: it has ended, or it is paused with nothing outstanding. */
async function followRun(client: BatonClient, { kind, id, view }: FollowOptions): Promise<RunJson> {
  for (let failures = 0; ; await sleep(POLL_INTERVAL_MS)) {
    try {
      const run = await client.run(kind, id);
      failures = 0;
      view.show(run);
      if (run.status !== "running" && run.outstanding === 0) return run;
    } catch (error) {
      failures += 1;
      if (failures > MAX_FAILURES) throw error;
      if (failures === 1) printHint(`${describeError(error)}; still trying, the run does not depend on it`);
    }
  }
}

/** openRunView draws a bar on a terminal; elsewhere a line for every tenth. */
async function openRunView(run: RunJson): Promise<RunView> {
  return canRedraw(process.stderr) ? await openBarView(run) : openLineView();
}

async function openBarView(run: RunJson): Promise<RunView> {
  const { default: cliProgress } = await import("cli-progress");
  const format = " {bar} {percentage} % · {value} of {total} · {progress}";
  const bar = new cliProgress.SingleBar(
    { format, stream: process.stderr, hideCursor: true, barsize: barWidthOn(process.stderr.columns) },
    cliProgress.Presets.shades_classic,
  );
  bar.start(run.matched, countEndedRunItems(run), { progress: describeProgress(run) });
  return {
    show: (seen) => bar.update(countEndedRunItems(seen), { progress: describeProgress(seen) }),
    close: () => bar.stop(),
  };
}

/** barWidthOn leaves the figures their room first: what ends after the last column is not seen. */
function barWidthOn(columns: number): number {
  return Math.min(MAX_BAR_WIDTH, Math.max(0, columns - FIGURES_WIDTH));
}

function openLineView(): RunView {
  let last: string | undefined;
  return {
    show: (run) => {
      const tenth = Math.floor((10 * countEndedRunItems(run)) / Math.max(1, run.matched));
      const state = `${run.status} ${run.waitingBecause} ${tenth}`;
      if (state !== last)
        printHint(`${formatCount(countEndedRunItems(run))} of ${formatCount(run.matched)} · ${describeProgress(run)}`);
      last = state;
    },
    close: () => undefined,
  };
}

function describeProgress(run: RunJson): string {
  const { kind, delivered, diedAgain, skipped, discarded, outstanding, status, waitingBecause } = run;
  const replays = [`${formatCount(delivered)} delivered`, `${formatCount(diedAgain)} died again`];
  return [
    ...(kind === "replay" ? replays : [`${formatCount(discarded)} discarded`]),
    `${formatCount(skipped)} skipped`,
    ...(outstanding > 0 ? [`${formatCount(outstanding)} outstanding`] : []),
    ...(status === "paused" || waitingBecause !== undefined ? [describeRunStatus(run)] : []),
  ].join(", ");
}

function printNextSteps({ kind, id, status, pausedBecause }: RunJson): void {
  if (status === "paused") printHint(`\nGo on: baton ${kind}s resume ${id}\nGive up: baton ${kind}s cancel ${id}`);
  if (pausedBecause === "dying") {
    printHint("See why: baton dead-letters causes");
    process.exitCode = EXIT.failed;
  }
}
