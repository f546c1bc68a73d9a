/** Another wall clock for a process that is not ours, as a Redis on another machine has. */
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const SOURCE = join(import.meta.dirname, "clock-offset.c");

let library: string | undefined;

/**
 * withClockOffset gives the command that runs `command` with its clock so many milliseconds ahead; below 0: behind.
 * Needs `cc`.
 */
export function withClockOffset(offsetMs: number, command: readonly string[]): readonly string[] {
  if (offsetMs === 0) return command;
  library ??= compile();
  return ["env", `LD_PRELOAD=${library}`, `CLOCK_OFFSET_MS=${offsetMs}`, ...command];
}

function compile(): string {
  const built = join(mkdtempSync(join(tmpdir(), "baton-clock-")), "clock-offset.so");
  execFileSync("cc", ["-shared", "-fPIC", "-O2", "-o", built, SOURCE], { stdio: ["ignore", "ignore", "inherit"] });
  return built;
}
