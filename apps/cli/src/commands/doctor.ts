/** `baton doctor`: what is wrong, and what to do about it. */
import { styleText } from "node:util";
import { Command } from "commander";
import type { Check } from "../doctor/check.ts";
import type { Examination } from "../doctor/run-doctor.ts";
import { EXIT } from "../exit-code.ts";
import { JSON_OPTION } from "../option.ts";
import { count, type Printing, print, terminalWidth } from "../print.ts";
import { openProgress } from "../progress.ts";
import { type Column, formatTable } from "../table.ts";

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

const COLUMNS: readonly Column<Row>[] = [
  { title: "SECTION", text: ({ section }) => section },
  { title: "", text: ({ state }) => STATES[state] },
  { title: "WHAT", text: ({ what }) => what, flexible: "cut" },
  { title: "DETAIL", text: ({ detail }) => detail, flexible: "cut" },
];

/** describe clips the table to the terminal; what is wrong stands below it in full. */
function describe({ sections, findings }: Examination): string {
  const rows = sections.flatMap(({ name, checks }) => checks.map((check, index) => ({ ...check, section: index === 0 ? name : "" })));
  const wrong = rows.filter(({ state }) => state === "bad");
  const told = wrong.flatMap(({ what, detail, remedy }, index) => [`${index + 1}. ${what}: ${detail}`, `   ${remedy ?? ""}`]);
  const unseen = rows.filter(({ state }) => state === "unseen").length;
  const verdict = findings === 0 ? "Nothing is wrong" : `${count(findings, "finding")}`;
  return [
    formatTable(rows, COLUMNS, terminalWidth()),
    "",
    ...(told.length > 0 ? [...told, ""] : []),
    `${verdict}${unseen > 0 ? `; ${unseen} could not be looked at from here` : ""}.`,
  ].join("\n");
}
