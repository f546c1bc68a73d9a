/**
 * `npm run bench`: figures, each of two things side by side in one run. Loads go to loopback, and stop by themselves.
 */
import { parseArgs } from "node:util";
import { ROOT } from "./contenders/start-node.ts";
import { PARTS } from "./parts.ts";
import { writeReport } from "./report/report.ts";
import { keepSection, readKept } from "./report/results.ts";
import { markdownTable, type PartOptions, type Section } from "./section.ts";

const USAGE = `npm run bench -- [part …] [options]
  (nothing)        every part, then the report; about two hours, 14 GB of memory, 20 GB below the folder for temporary
                     files
  <part> …         ${Object.keys(PARTS).join(", ")}
  report           writes docs/performance.md, its charts and the README's section from each part's last results,
                     which bench/results keeps
  --turns <n>      alternating turns of each contender, 5 unless said
  --seconds <n>    of each phase of a turn, 8 unless said
  --items <n>      dead letters of a run in the part runs, 10000 unless said
  --smoke          one tiny turn of everything: shows that it runs, and nothing else
`;

/** REPORT is no part: it measures nothing. */
const REPORT = "report";

process.exit(await main());

async function main(): Promise<number> {
  const { values, positionals } = readArguments();
  const { smoke } = values;
  const options: PartOptions = {
    turns: smoke ? 1 : Number(values.turns),
    seconds: smoke ? 1 : Number(values.seconds),
    smoke,
    ...(values.items === undefined ? {} : { items: Number(values.items) }),
    say,
  };
  const names = positionals.length === 0 ? Object.keys(PARTS) : positionals;
  let faults = 0;
  for (const part of names) {
    const section = await PARTS[part]?.(options);
    if (section === undefined) continue;
    process.stdout.write(`${show(section)}\n`);
    if (!smoke) say(`all figures: ${keepSection({ part, ...options }, section)}`);
    faults += section.faults.length;
  }
  const reports = names.includes(REPORT) || (positionals.length === 0 && !smoke);
  if (reports) say(`written: ${(await writeReport(ROOT, readKept(Object.keys(PARTS)))).join(", ")}`);
  return faults === 0 ? 0 : 1;
}

function readArguments() {
  try {
    const options = {
      turns: { type: "string", default: "5" },
      seconds: { type: "string", default: "8" },
      items: { type: "string" },
      smoke: { type: "boolean", default: false },
    } as const;
    const parsed = parseArgs({ options, allowPositionals: true });
    const { turns, seconds, items = "1" } = parsed.values;
    for (const number of [turns, seconds, items]) {
      if (!/^[1-9]\d*$/.test(number)) throw new Error(`${number} is not a whole number above 0`);
    }
    for (const name of parsed.positionals)
      if (!(name in PARTS) && name !== REPORT) throw new Error(`there is no part ${name}`);
    return parsed;
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}`);
    return process.exit(2);
  }
}

function show({ title, text, targets, faults }: Section): string {
  const judged = targets.map(({ what, asked, measured, met }) => [what, asked, measured, met ? "met" : "missed"]);
  const rows = judged.length === 0 ? "" : `\n\n${markdownTable([["target", "asked", "measured", ""], ...judged])}`;
  const complaint =
    faults.length === 0 ? "" : `\n\nVOID, for what was accepted did not arrive exactly once:\n${faults.join("\n")}`;
  return `\n## ${title}\n\n${text}${rows}${complaint}\n`;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
