/** `baton doctor`: what is wrong, and what to do about it. */
import { styleText } from "node:util";
import { Command } from "commander";
import type { Check } from "../doctor/check.ts";
import type { RootCause } from "../doctor/root-causes.ts";
import type { Examination } from "../doctor/run-doctor.ts";
import { EXIT } from "../exit-code.ts";
import { JSON_OPTION } from "../option.ts";
import { count, type Printing, print, terminalWidth } from "../print.ts";
import { openProgress } from "../progress.ts";
import { type Column, clip, formatTable, wrap } from "../table.ts";

const HELP = `
With BATON_ADMIN_URL and BATON_ADMIN_KEY it asks admin, from anywhere. With BATON_REDIS_URL, BATON_NAMESPACE, BATON_SHARDS and
BATON_KEYRING, as the processes have them, it also looks at Redis and at what is sealed. It says what it could not look at, and changes
nothing; verifying a connector asks CXone for a token, and signals nobody.
Exit codes: 0 nothing is wrong, 1 something is, 78 the configuration cannot be read.`;

export function doctorCommand(): Command {
  return new Command("doctor")
    .description("look at configuration, processes, Redis, clocks, keys, the queue and every connector, and say what to do")
    .option(...JSON_OPTION)
    .addHelpText("after", HELP)
    .action(async ({ json }: Printing) => {
      const { runDoctor } = await import("../doctor/run-doctor.ts");
      const progress = openProgress();
      const examination = await runDoctor(process.env, progress.say).finally(progress.clear);
      print({ ok: examination.findings === 0, ...examination }, { json }, describe);
      process.exitCode = codeOf(examination);
    });
}

function codeOf({ findings, faults }: Examination): number {
  if (faults > 0) return EXIT.configuration;
  return findings > 0 ? EXIT.failed : EXIT.done;
}

interface Row extends Check {
  readonly section: string;
}

const STATES: Readonly<Record<Check["state"], string>> = {
  good: styleText("green", "good"),
  bad: styleText("red", "BAD"),
  unseen: styleText("dim", "not seen"),
};

/** It is read in tickets and chats: no line is wider. */
const WIDEST = 100;
/** A name keeps so much of a line. */
const WIDEST_WHAT = 40;

const COLUMNS: readonly Column<Row>[] = [
  { title: "SECTION", text: ({ section }) => section },
  { title: "", text: ({ state }) => STATES[state] },
  { title: "WHAT", text: ({ what }) => clip(what, WIDEST_WHAT) },
  { title: "DETAIL", text: ({ detail }) => detail, flexible: "wrap" },
];

/** describe tells what is wrong, each cause with what follows from it, and then everything that was looked at. */
function describe({ sections, rootCauses, findings }: Examination): string {
  const width = Math.min(terminalWidth() ?? WIDEST, WIDEST);
  const told = rootCauses.flatMap((cause, index) => [...describeCause(cause, `${index + 1}. `, width), ""]);
  const checks = sections.flatMap(({ name, checks }) => checks.map((check) => ({ ...check, section: name })));
  const unseen = checks.filter(({ state }) => state === "unseen").length;
  const verdict = findings === 0 ? "Nothing is wrong" : `${count(findings, "finding")}, ${count(rootCauses.length, "cause")}`;
  return [
    ...told,
    formatTable(rowsOf(checks, rootCauses), COLUMNS, width),
    "",
    `${verdict}${unseen > 0 ? `; ${unseen} could not be looked at from here` : ""}.`,
  ].join("\n");
}

/** rowsOf names a section once, and points to where a finding is told. */
function rowsOf(checks: readonly Row[], rootCauses: readonly RootCause[]): readonly Row[] {
  const placeOf = ({ section, what, detail }: Pick<Row, "section" | "what" | "detail">) => [section, what, detail].join("\n");
  const told = new Map(rootCauses.flatMap((cause, index) => [cause, ...cause.follows].map((each) => [placeOf(each), index + 1])));
  return checks.map((check, index) => ({
    ...check,
    section: check.section === checks[index - 1]?.section ? "" : check.section,
    detail: check.state === "bad" ? `see ${told.get(placeOf(check))}` : check.detail,
  }));
}

/** What follows is told without a remedy: it goes with its cause. */
function describeCause({ what, detail, remedy, follows }: RootCause, number: string, width: number): readonly string[] {
  const indent = " ".repeat(number.length);
  return [
    wrap(`${number}${what}: ${detail}`, width, indent.length),
    indent + wrap(remedy, width - indent.length).replaceAll("\n", `\n${indent}`),
    ...(follows.length > 0 ? [`${indent}From it follows:`] : []),
    ...follows.map((each) => indent + wrap(`- ${each.what}: ${each.detail}`, width - indent.length, 2).replaceAll("\n", `\n${indent}`)),
  ];
}
