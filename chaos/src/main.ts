/**
 * `npm run chaos`: plays the scenarios and compares the ledgers. Exit codes: 0 every promise kept, 1 one was broken, 2
 * misused.
 */
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { writeCharts } from "./chart.ts";
import { checkLedger, type Findings } from "./check-ledger.ts";
import { readLedgers } from "./ledger.ts";
import { recoveryChart } from "./recovery-chart.ts";
import { renderKeys, renderPage, renderRuns, renderTable } from "./report.ts";
import { hasRedisServer, readRunEnvironment } from "./run-environment.ts";
import { runScenario, type Scenario } from "./scenario.ts";
import { SCENARIOS } from "./scenarios/index.ts";
import { RANDOM } from "./scenarios/random.ts";

const ROOT = join(import.meta.dirname, "../..");
const USAGE = `npm run chaos -- [options]
  (nothing)           every scenario; the results go to docs/fault-results.md
  --ci                the short set
  --scenario <name>   one scenario; may be given several times
  --minutes <n>       troubles of all kinds at random, for so long
  --seed <n>          1 unless said; random rounds count on from it
  --out <folder>      where the ledgers and logs go; chaos/ledgers/<time> unless said
  --verify <folder>   recompute the report from ledgers
  --list              name the scenarios
`;

const OPTIONS = {
  ci: { type: "boolean", default: false },
  scenario: { type: "string", multiple: true, default: [] as string[] },
  minutes: { type: "string" },
  seed: { type: "string", default: "1" },
  out: { type: "string" },
  verify: { type: "string" },
  list: { type: "boolean", default: false },
} as const;

// Left to itself, Node may look for ever for the end of a connection that was reset (24.21,
// Environment::CleanupHandles).
process.exit(await main());

async function main(): Promise<number> {
  const { values } = readArguments();
  if (values.list) {
    for (const { name, what, ci } of [...SCENARIOS, RANDOM]) say(`${name.padEnd(40)}${ci ? "ci  " : "    "}${what}`);
    return 0;
  }
  if (values.verify !== undefined) return report(readLedgers(resolve(values.verify)).map(checkLedger));
  if (!hasRedisServer())
    return misused("redis-server is not on the PATH; install it, so that it can be killed and started again");
  const folder = resolve(values.out ?? join(ROOT, "chaos/ledgers", new Date().toISOString().replaceAll(/[:.]/g, "-")));
  const seed = Number(values.seed);
  const findings =
    values.minutes === undefined
      ? await playAll(chosen(values), { folder, seed })
      : await playFor(Number(values.minutes), { folder, seed });
  say(`\nledgers and logs: ${folder}\n`);
  const isWhole = values.scenario.length === 0 && !values.ci && values.minutes === undefined;
  if (isWhole) {
    writeFileSync(join(ROOT, "docs/fault-results.md"), renderPage(findings, readRunEnvironment()));
    await writeCharts(ROOT, [recoveryChart(findings)]);
  }
  return report(findings);
}

function readArguments() {
  try {
    const parsed = parseArgs({ options: OPTIONS });
    for (const number of [parsed.values.seed, parsed.values.minutes ?? "1"]) {
      if (!/^\d+$/.test(number)) throw new Error(`${number} is not a whole number`);
    }
    return parsed;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return process.exit(2);
  }
}

function chosen({ ci, scenario }: { readonly ci: boolean; readonly scenario: readonly string[] }): readonly Scenario[] {
  if (scenario.length === 0) return SCENARIOS.filter((each) => !ci || each.ci);
  return scenario.map((name) => {
    const found = [...SCENARIOS, RANDOM].find((each) => each.name === name);
    if (found !== undefined) return found;
    return process.exit(misused(`there is no scenario ${name}; --list names them`));
  });
}

interface Playing {
  readonly folder: string;
  readonly seed: number;
}

async function playAll(scenarios: readonly Scenario[], { folder, seed }: Playing): Promise<readonly Findings[]> {
  const findings: Findings[] = [];
  for (const scenario of scenarios) findings.push(await play(scenario, { folder: join(folder, scenario.name), seed }));
  return findings;
}

async function playFor(minutes: number, { folder, seed }: Playing): Promise<readonly Findings[]> {
  const endsAt = performance.now() + minutes * 60_000;
  const findings: Findings[] = [];
  for (let round = seed; performance.now() < endsAt; round += 1) {
    findings.push(await play(RANDOM, { folder: join(folder, `random-${round}`), seed: round }));
  }
  return findings;
}

async function play(scenario: Scenario, { folder, seed }: Playing): Promise<Findings> {
  const startedAt = performance.now();
  const findings = checkLedger(await runScenario(scenario, { seed, folder }));
  const tookS = ((performance.now() - startedAt) / 1_000).toFixed(0);
  say(
    `${scenario.name} (seed ${seed}, ${tookS} s): ${findings.broken.length === 0 ? "kept" : `BROKEN: ${findings.broken.join("; ")}`}`,
  );
  return findings;
}

function report(findings: readonly Findings[]): number {
  say(`${renderTable(findings)}\n\n${renderRuns(findings)}`);
  const keys = renderKeys(findings);
  if (keys !== "") say(`\n${keys}`);
  return findings.some(({ broken }) => broken.length > 0) ? 1 : 0;
}

function misused(why: string): number {
  process.stderr.write(`${why}\n`);
  return 2;
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}
