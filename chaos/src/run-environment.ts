/** The environment of a run: enough to compare machines, nothing that names one. */
import { execFileSync } from "node:child_process";
import { availableParallelism, release, totalmem } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dirname, "../..");

export interface RunEnvironment {
  /** Short hash; with a word where files had changed since. */
  readonly commit: string;
  readonly date: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly kernel: string;
  readonly node: string;
  readonly redis: string;
}

/** hasRedisServer says whether a Redis of our own can be started. */
export function hasRedisServer(): boolean {
  return redisVersion() !== undefined;
}

/** readRunEnvironment asks git, the system and redis-server. */
export function readRunEnvironment(): RunEnvironment {
  const git = (...args: readonly string[]) => execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
  const changed = git("status", "--porcelain", "--untracked-files=no", "--", "apps", "packages", "chaos") !== "";
  return {
    commit: `${git("rev-parse", "--short=12", "HEAD")}${changed ? ", with changes" : ""}`,
    date: new Date().toISOString().slice(0, 10),
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    kernel: /^\d+\.\d+/.exec(release())?.[0] ?? release(),
    node: process.versions.node,
    redis: redisVersion() ?? "unknown",
  };
}

function redisVersion(): string | undefined {
  try {
    return /v=([\d.]+)/.exec(execFileSync("redis-server", ["--version"], { encoding: "utf8" }))?.[1];
  } catch {
    return undefined;
  }
}
