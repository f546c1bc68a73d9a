/** Results: each part's last figures, kept as JSON with all that they depend on. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { ROOT } from "../contenders/start-node.ts";
import type { Section } from "../section.ts";
import { type Machine, machineSchema, readMachine } from "./machine.ts";

const RESULTS = join(ROOT, "bench/results");

const targetSchema = z.object({ what: z.string(), asked: z.string(), measured: z.string(), met: z.boolean() });
const keptSchema = z.object({
  at: z.string(),
  commit: z.string(),
  turns: z.number(),
  seconds: z.number(),
  machine: machineSchema,
  section: z.object({
    title: z.string(),
    text: z.string(),
    targets: z.array(targetSchema),
    faults: z.array(z.string()),
    figures: z.looseObject({}),
  }),
});

/** Kept is one part's result with its environment. */
export interface Kept {
  readonly part: string;
  readonly at: string;
  readonly commit: string;
  readonly turns: number;
  readonly seconds: number;
  readonly machine: Machine;
  readonly section: Section;
}

export interface Run {
  readonly part: string;
  readonly turns: number;
  readonly seconds: number;
}

/** keepSection writes a part's result and gives the file's path. */
export function keepSection({ part, turns, seconds }: Run, section: Section): string {
  mkdirSync(RESULTS, { recursive: true });
  const kept: Omit<Kept, "part"> = {
    at: new Date().toISOString(),
    commit: readCommit(),
    turns,
    seconds,
    machine: readMachine(),
    section,
  };
  writeFileSync(fileOf(part), `${JSON.stringify(kept, null, 2)}\n`);
  return fileOf(part);
}

/** readKept gives the last result of each part that has one, in the parts' order. */
export function readKept(parts: readonly string[]): readonly Kept[] {
  return parts
    .filter((part) => existsSync(fileOf(part)))
    .map((part) => ({ part, ...keptSchema.parse(JSON.parse(readFileSync(fileOf(part), "utf8"))) }));
}

function fileOf(part: string): string {
  return join(RESULTS, `${part}.json`);
}

/** readCommit names HEAD, and says where the work tree has more. */
function readCommit(): string {
  const git = (...args: readonly string[]) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
  return `${git("rev-parse", "--short", "HEAD")}${changed ? ", with uncommitted changes" : ""}`;
}
