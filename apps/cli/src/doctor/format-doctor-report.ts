/** The doctor's report in words: causes first, then a table of all that was looked at. */
import { styleText } from "node:util";
import { pluralize } from "../number-format.ts";
import { type Column, clip, formatTable, wrap } from "../text-table.ts";
import type { CheckResult } from "./check-result.ts";
import type { RootCause } from "./root-causes.ts";
import type { DoctorReport } from "./run-doctor.ts";

interface Row extends CheckResult {
  readonly section: string;
}

const STATES: Readonly<Record<CheckResult["state"], string>> = {
  good: styleText("green", "good"),
  bad: styleText("red", "BAD"),
  unseen: styleText("dim", "not seen"),
};

/** It is read in tickets and chats: no line is wider. */
const MAX_WIDTH = 100;
/** So many findings that follow from one cause are listed: the cause is what to work on. */
const MAX_CONSEQUENCES = 10;
/** A name keeps so much of a line. */
const WHAT_SHARE = 0.4;

function columnsFor(width: number): readonly Column<Row>[] {
  return [
    { title: "SECTION", text: ({ section }) => section },
    { title: "", text: ({ state }) => STATES[state] },
    { title: "WHAT", text: ({ what }) => clip(withoutId(what), Math.floor(width * WHAT_SHARE)) },
    { title: "DETAIL", text: ({ detail }) => detail, flexible: "wrap" },
  ];
}

/** In a table a connector is shown by its name; what is wrong with it shows its id. */
function withoutId(what: string): string {
  return what.replace(/ \(cn_\w+\)$/, "");
}

/**
 * formatDoctorReport lists what is wrong, each cause with what follows from it, and then everything that was checked.
 * `terminal` is its width.
 */
export function formatDoctorReport({ sections, rootCauses, findings }: DoctorReport, terminal = MAX_WIDTH): string {
  const width = Math.min(terminal, MAX_WIDTH);
  const described = rootCauses.flatMap((cause, index) => [...formatRootCause(cause, `${index + 1}. `, width), ""]);
  const checks = sections.flatMap(({ name, checks }) => checks.map((check) => ({ ...check, section: name })));
  const unseen = checks.filter(({ state }) => state === "unseen").length;
  const total =
    findings === 0 ? "Nothing is wrong" : `${pluralize(findings, "finding")}, ${pluralize(rootCauses.length, "cause")}`;
  return [
    ...described,
    formatTable(tableRowsOf(checks, rootCauses), columnsFor(width), width),
    "",
    `${total}${unseen > 0 ? `; ${unseen} could not be looked at from here` : ""}.`,
  ].join("\n");
}

/** tableRowsOf names a section once, and points to where a finding is described. */
function tableRowsOf(checks: readonly Row[], rootCauses: readonly RootCause[]): readonly Row[] {
  const placeOf = ({ section, what, detail }: Pick<Row, "section" | "what" | "detail">) =>
    [section, what, detail].join("\n");
  const placeOfCheck = new Map(
    rootCauses.flatMap((cause, index) => [cause, ...cause.follows].map((each) => [placeOf(each), index + 1])),
  );
  return checks.map((check, index) => ({
    ...check,
    section: check.section === checks[index - 1]?.section ? "" : check.section,
    detail: check.state === "bad" ? `see ${placeOfCheck.get(placeOf(check))}` : check.detail,
  }));
}

/** What follows is listed without a remedy: its cause has one. */
function formatRootCause(
  { what, detail, remedy, follows }: RootCause,
  number: string,
  width: number,
): readonly string[] {
  const indent = " ".repeat(number.length);
  return [
    wrap(`${number}${what}: ${detail}`, width, indent.length),
    indent + wrap(remedy, width - indent.length).replaceAll("\n", `\n${indent}`),
    ...(follows.length > 0 ? [`${indent}From it follows:`] : []),
    ...follows
      .slice(0, MAX_CONSEQUENCES)
      .map(
        (each) =>
          indent + wrap(`- ${each.what}: ${each.detail}`, width - indent.length, 2).replaceAll("\n", `\n${indent}`),
      ),
    ...(follows.length > MAX_CONSEQUENCES ? [`${indent}- and ${follows.length - MAX_CONSEQUENCES} more`] : []),
  ];
}
