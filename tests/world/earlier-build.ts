/** The build that is upgraded from, with its own packages, as a checkout beside this one. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { ROOT } from "./guide.ts";

/** SCHEMA_FILE says which layout of a handoff's record a build writes, and the oldest that it works on. */
const SCHEMA_FILE = "packages/handoffs/src/scripts/parts/shard-keys-clock-and-record.lua";
const SCRIPTS = ":(glob)packages/*/src/scripts/**";

/** Schemas of a build. */
interface Schemas {
  readonly writes: number;
  readonly oldest: number;
}

/**
 * earlierRevision is the one place that chooses what to upgrade from: UPGRADE_FROM; else the last release's
 * tag before this commit; else, as long as there is none, the last commit before what lies in Redis changed.
 */
function earlierRevision(): string {
  const wanted = process.env.UPGRADE_FROM;
  if (wanted !== undefined) return git("rev-parse", "--verify", `${wanted}^{commit}`);
  try {
    const tag = git("describe", "--tags", "--abbrev=0", "--match", "v*", "HEAD^");
    return git("rev-parse", `${tag}^{commit}`);
  } catch {
    return git("rev-parse", `${git("log", "-1", "--format=%H", "HEAD^", "--", SCRIPTS)}^`);
  }
}

/** readSchemas reads a build's own script. */
export function readSchemas(text: string): Schemas {
  const [, writes, oldest] = /^local SCHEMA, OLDEST_SCHEMA = (\d+), (\d+)$/m.exec(text) ?? [];
  if (writes === undefined || oldest === undefined) throw new Error(`${SCHEMA_FILE} names no schema`);
  return { writes: Number(writes), oldest: Number(oldest) };
}

/** ownSchemas are those of this checkout. */
export function ownSchemas(): Schemas {
  return readSchemas(readFileSync(join(ROOT, SCHEMA_FILE), "utf8"));
}

/**
 * openEarlierBuild gives the folder of the build, unpacked and installed once and kept in the user's cache. Not under
 * node_modules: Node runs no TypeScript there. Throws where its records are none that this build works on.
 */
export function openEarlierBuild(): { readonly folder: string; readonly revision: string } {
  const revision = earlierRevision();
  const { writes } = readSchemas(git("show", `${revision}:${SCHEMA_FILE}`));
  const own = ownSchemas();
  if (writes < own.oldest || writes > own.writes) {
    throw new Error(`${revision} writes schema ${writes}; this build works on ${own.oldest} to ${own.writes}`);
  }
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "baton-upgrade");
  const folder = join(cache, revision.slice(0, 12));
  if (!existsSync(folder)) install(revision, folder);
  return { folder, revision };
}

function install(revision: string, folder: string): void {
  const unpacked = `${folder}.${process.pid}`;
  mkdirSync(unpacked, { recursive: true });
  process.stderr.write(`Unpacking ${revision} into ${folder}\n`);
  const archive = execFileSync("git", ["archive", revision], { cwd: ROOT, maxBuffer: 2 ** 28 });
  execFileSync("tar", ["-x", "-C", unpacked], { input: archive });
  renameSync(unpacked, folder);
  try {
    execFileSync("npm", ["run", "--silent", "setup"], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function git(...args: readonly string[]): string {
  return execFileSync("git", args, { cwd: ROOT, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }).trim();
}
