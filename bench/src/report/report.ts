/** The report: docs/performance.md with its charts, and the README's section about it. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chartMarkdown, writeCharts } from "@baton/chaos/chart";
import { markdownTable, type Target } from "../section.ts";
import { chartOf } from "./charts.ts";
import type { Kept } from "./results.ts";

/** What lies between them in README.md is the tool's. */
const BEGIN = "<!-- written by npm run bench -->";
const END = "<!-- end of what npm run bench wrote -->";

/** writeReport writes all of it, and gives the paths of what it wrote. `root` is the repository's. */
export async function writeReport(root: string, kept: readonly Kept[]): Promise<readonly string[]> {
  const page = join(root, "docs/performance.md");
  const readme = join(root, "README.md");
  writeFileSync(page, renderPage(kept));
  writeFileSync(readme, withSection(readFileSync(readme, "utf8"), renderSection(kept)));
  const charts = kept.flatMap(({ part, section }) => chartOf(part, section.figures) ?? []);
  return [page, readme, ...(await writeCharts(root, charts))];
}

function renderPage(kept: readonly Kept[]): string {
  const parts = kept.map(renderPart);
  return `# Performance

Written by \`npm run bench\`, which measures Baton beside \`bench/plain\`: the same job by Fastify, BullMQ and axios as
their guides show it, with keep-alive, the same concurrency, and the same Redis settings (append-only file,
\`appendfsync everysec\`). Compare figures only with those beside them, and take your own on your own machine. All
processes, the simulator and the load generator share it. Both contenders run from their sources, and log at \`info\` to
files. Every phase compares what was accepted with what the simulator saw; a run in which something was lost or came
twice is void, and says so.

${renderTargets(kept)}

## Environment

${renderEnvironment(kept)}

${parts.join("\n\n")}
`;
}

function renderPart({ part, section }: Kept): string {
  const chart = chartOf(part, section.figures);
  const shown = chart === undefined ? "" : `${chartMarkdown(chart)}\n\n`;
  return `## ${section.title}\n\n${shown}${section.text}${renderVoid(section.faults)}`;
}

function renderSection(kept: readonly Kept[]): string {
  const targets = kept.flatMap(({ section }) => section.targets);
  const met = targets.filter((target) => target.met).length;
  const missed = kept.filter(({ section }) => section.targets.some((target) => !target.met));
  const where = missed.map(({ section }) => `*${section.title}*`).join(", ");
  return `${met} of ${targets.length} targets are met.${where === "" ? "" : ` Missed are some of: ${where}.`}`;
}

function renderTargets(kept: readonly Kept[]): string {
  const row = ({ what, asked, measured, met }: Target) => [what, asked, measured, met ? "met" : "**missed**"];
  return markdownTable([
    ["target", "asked", "measured", ""],
    ...kept.flatMap(({ section }) => section.targets.map(row)),
  ]);
}

function renderEnvironment(kept: readonly Kept[]): string {
  const machines = new Set(kept.map(({ machine }) => describe(machine)));
  const runs = kept.map(({ at, commit, turns, seconds, section }) => [
    section.title,
    at.slice(0, 16).replace("T", " "),
    commit,
    `${turns} × ${seconds} s`,
  ]);
  return `${[...machines].join("\n\n")}\n\n${markdownTable([["part", "measured, UTC", "commit", "turns × phase"], ...runs])}`;
}

function describe({ cpu, cores, memoryGiB, kernel, versions }: Kept["machine"]): string {
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return `${cpu}, ${cores} cores, ${memoryGiB} GiB, ${kernel}; ${named.join(", ")}.`;
}

function renderVoid(faults: readonly string[]): string {
  return faults.length === 0 ? "" : `\n\n**Void**: what was accepted did not arrive exactly once. ${faults.join("; ")}`;
}

/** withSection replaces what lies between the marks. */
function withSection(readme: string, section: string): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin)
    throw new Error(`README.md lacks the marks between which the bench writes: ${BEGIN} and ${END}`);
  return `${readme.slice(0, begin)}${BEGIN}\n\n${section}\n\n${readme.slice(end)}`;
}
