/** The report: one row a run for a terminal, and the results page. */

import { chartMarkdown } from "./chart.ts";
import type { Findings } from "./check-ledger.ts";
import { recoveryChart } from "./recovery-chart.ts";
import type { RunEnvironment } from "./run-environment.ts";

const COLUMNS: readonly (readonly [string, (findings: Findings) => string])[] = [
  ["scenario", ({ header }) => header.scenario],
  ["accepted", ({ accepted }) => String(accepted)],
  ["refused", ({ refused }) => String(refused)],
  ["no answer", ({ unanswered }) => String(unanswered)],
  ["delivered", ({ delivered }) => String(delivered)],
  ["dead", ({ deadByReason }) => dead(deadByReason)],
  ["cancelled", ({ cancelled }) => String(cancelled)],
  ["still queued", ({ stillQueued }) => String(stillQueued)],
  ["lost", ({ lost }) => String(lost.length)],
  ["effects of refused", ({ effectsOfRefused }) => String(effectsOfRefused.length)],
  ["two effects: at-most-once", ({ twoEffects }) => String(twoEffects.atMostOnce.length)],
  ["at-least-once, flagged", ({ twoEffects }) => String(twoEffects.flagged.length)],
  ["not flagged", ({ twoEffects }) => String(twoEffects.unflagged.length)],
  ["busiest second", ({ busiestSecond }) => String(busiestSecond)],
  ["longest gap", ({ longestGapMs }) => seconds(longestGapMs)],
  ["recovered in", ({ recoveredMs, header }) => (header.scenario === "untroubled" ? "–" : seconds(recoveredMs))],
  ["slowest answer", ({ slowestAnswerMs }) => seconds(slowestAnswerMs)],
  [
    "verdict",
    ({ broken, header }) =>
      broken.length > 0 ? broken.join("; ") : header.mayForget === "nothing" ? "kept" : "allowed",
  ],
];

/** renderTable is a Markdown table: readable in a terminal too. */
export function renderTable(findings: readonly Findings[]): string {
  const rows = [COLUMNS.map(([title]) => title), ...findings.map((each) => COLUMNS.map(([, show]) => show(each)))];
  const widths = COLUMNS.map((_, column) => Math.max(3, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  const [head = [], ...body] = rows;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...body.map(line)].join("\n");
}

/** renderKeys names the requests behind every figure that should be 0, so that their lines are found in the ledgers. */
export function renderKeys(findings: readonly Findings[]): string {
  return findings
    .flatMap(
      ({
        header,
        lost,
        forgotten,
        effectsOfRefused,
        effectsOfCancelled,
        twoEffects,
        overlapping,
        outOfOrder,
        afterEnd,
        acceptedTwice,
        overRate,
        diedAllTheSame,
      }) =>
        Object.entries({
          lost,
          forgotten,
          effectsOfRefused,
          effectsOfCancelled,
          twoEffectsAtMostOnce: twoEffects.atMostOnce,
          twoEffectsNotFlagged: twoEffects.unflagged,
          overlapping,
          outOfOrder,
          afterEnd,
          acceptedTwice,
          overRate,
          diedAllTheSame,
        })
          .filter(([, keys]) => keys.length > 0)
          .map(([name, keys]) => `${header.scenario}: ${name}: ${keys.join(" ")}`),
    )
    .join("\n");
}

/** renderRuns shows the runs of many dead letters among the scenarios. */
export function renderRuns(findings: readonly Findings[]): string {
  const lines = findings.flatMap(({ header: { scenario, run } }) =>
    run === undefined
      ? []
      : `- \`${scenario}\`: ${run.items} items in ${seconds(run.tookMs)}: ${run.once} signalled once,
      ${run.twiceFlagged} again and flagged as possible duplicates, ${run.twiceUnflagged} again and not flagged,
      ${run.never} never. p99 of live handoffs, from the asking to the signal: ${run.aloneP99Ms} ms before the run,
      ${run.besideP99Ms} ms beside it where nothing is broken.`,
  );
  return lines.length === 0 ? "" : `## Runs\n\n${lines.join("\n")}\n\n`;
}

/** renderPage is docs/fault-results.md. */
export function renderPage(
  findings: readonly Findings[],
  { commit, date, cores, memoryGiB, kernel, node, redis }: RunEnvironment,
): string {
  const seeds = [...new Set(findings.map(({ header }) => header.seed))].join(", ");
  return `# Fault results

Written by \`npm run chaos\`; do not edit. Two processes that know nothing of each other write down what was answered to
the sender, and what reached CXone's stand-in; after each scenario the two are compared.

| | |
| --- | --- |
| commit | ${commit} |
| date | ${date} |
| seed | ${seeds} |
| machine | ${cores} cores, ${memoryGiB} GiB, Linux ${kernel} |
| versions | Node ${node}, Redis ${redis} |

${chartMarkdown(recoveryChart(findings))}

${renderTable(findings)}

${renderRuns(findings)}## How to read it

- **accepted**: answered 202 at least once. **refused**: every answer was a refusal, or there was no connection. **no
  answer**: the connection was lost and the sender did not come again; such a handoff may or may not have been accepted.
- **lost** (0): accepted, and in the end neither known to Baton nor signalled; or called delivered though no signal took
  effect.
- **effects of refused** (0): signalled though the sender was refused. What was cancelled and signalled all the same
  counts as broken too.
- **two effects**: contacts signalled twice for one handoff. At *at-most-once* there must be none. At *at-least-once*
  each must say \`possibleDuplicate\`.
- Broken is also, and counted in the verdict: two signals of one contact at once, signals of one contact out of order, a
  signal after the handoff's end, two handoffs under one key,
  more requests of a connector than \`burst + rate × window + 1\` in a window of any length, and a death where CXone is
  well and every
  deadline leaves time.
- **busiest second**: the most requests of one connector in any one second.
- **longest gap**: the longest time between two effects. **recovered in**: from the end of the trouble until the last
  handoff had ended that lived through it. **slowest answer**: of all answers to the sender.
- **verdict**: *kept*, or what was broken. *allowed*: Redis itself promises less here, so what is gone is counted,
  not held against Baton: asynchronous replication and an append-only file synced every second may lose the last moment.
  With \`BATON_DURABILITY=replicated\` nothing is forgiven: what was accepted or begun is on the replica before it
  is answered.

## The scenarios

${findings.map(({ header }) => `- \`${header.scenario}\`: ${header.what}. ${header.requests} handoffs at ${header.perSecond} a second.`).join("\n")}

## Method

Redis with its append-only file, one Node process each for ingress, worker, admin and the simulator, all on the loopback
interface. Half of the handoffs belong to a connector that asks for at-least-once, half to one that asks for
at-most-once; half carry an idempotency key and are repeated until they are answered 202, half are sent once. Three of
ten share a contact and must be signalled in order, never two at once; one of twenty is taken back. Exact moments (an
attempt is on record and its request has not left; CXone has answered and Redis does not know) are found by TCP proxies
between the processes: Baton's code has no hooks for tests. Repeat it with
\`npm run chaos -- --seed ${seeds.split(",")[0]}\`; the raw ledgers stay in \`chaos/ledgers\`, and
\`npm run chaos -- --verify <folder>\` recomputes this table from them.
`;
}

function dead(byReason: Readonly<Record<string, number>>): string {
  const parts = Object.entries(byReason).map(([reason, count]) => `${count} ${reason}`);
  return parts.length === 0 ? "0" : parts.join(", ");
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`;
}
