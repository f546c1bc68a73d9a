/** `baton mark-restored`: after Redis came back from a backup, before the processes start. */
import { Command } from "commander";
import { EXIT } from "../command-errors.ts";
import type { MarkRestoredResult } from "../mark-restored-as-possibly-sent.ts";
import { pluralize } from "../number-format.ts";
import { JSON_OPTION } from "../option-parsers.ts";
import { openProgressLine, type PrintOptions, printJsonOrText } from "../terminal-output.ts";

const HELP = `
It speaks to Redis itself, and reads BATON_REDIS_URL, BATON_NAMESPACE and BATON_SHARDS: the same as the processes have.
None of them may run meanwhile. It may be run again.

A backup shows handoffs as queued that were sent after it was made. From now on they say so: a signal that is sent again
is flagged (possibleDuplicate), a dead letter is replayed only with --force, and what waits for a connector of
at-most-once becomes a dead letter (unknown).`;

export function createMarkRestoredAsPossiblySentCommand(): Command {
  return new Command("mark-restored")
    .description("after Redis came back from a backup: what was not over there may have been sent since")
    .option("--pause", "pause everything: nothing is sent before `baton connectors resume --all`")
    .option(...JSON_OPTION)
    .addHelpText("after", HELP)
    .action(async ({ json, pause = false }: PrintOptions & { readonly pause?: boolean }) => {
      const { connectAndMarkPossiblySent } = await import("../mark-restored-as-possibly-sent.ts");
      const progress = openProgressLine();
      const onPage = (marked: number) => progress.say(`${pluralize(marked, "handoff")} marked`);
      const marked = await connectAndMarkPossiblySent({ isPaused: pause, onPage }).finally(progress.clear);
      printJsonOrText(marked, { json }, () => describeMarked(marked));
      if (marked.faults.length > 0) process.exitCode = EXIT.failed;
    });
}

function describeMarked({ marked, died, otherVersion, faults }: MarkRestoredResult): string {
  return [
    `${pluralize(marked, "handoff")} marked: queued ones and dead letters that may have been sent already.`,
    ...(died === 0 ? [] : [`${died} of connectors with at-most-once became dead letters (unknown).`]),
    ...(otherVersion === 0
      ? []
      : [`${otherVersion} of another version of Baton were left alone: run that version's mark-restored, too.`]),
    ...faults.map((fault) => `Not marked: ${fault}`),
  ].join("\n");
}
