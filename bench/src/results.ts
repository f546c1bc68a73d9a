/** Results: each part's last figures, kept as JSON with all that they depend on. */
import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT } from "./contenders/start-node.ts";
import { readMachine } from "./machine.ts";
import type { Section } from "./section.ts";

const FOLDER = join(ROOT, "bench/results");

/** keepSection writes a part's result and gives the file's path. */
export function keepSection(part: string, section: Section): string {
  mkdirSync(FOLDER, { recursive: true });
  const path = join(FOLDER, `${part}.json`);
  const kept = { at: new Date().toISOString(), commit: readCommit(), machine: readMachine(), section };
  writeFileSync(path, `${JSON.stringify(kept, null, 2)}\n`);
  return path;
}

/** readCommit names HEAD, and says where the work tree has more. */
function readCommit(): string {
  const git = (...args: readonly string[]) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--untracked-files=no") !== "";
  return `${git("rev-parse", "--short", "HEAD")}${changed ? ", with uncommitted changes" : ""}`;
}
