/** The console that admin serves in tests: built anew where it is older than its sources. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";

export function setup(): void {
  execFileSync(process.execPath, [join(import.meta.dirname, "../apps/console/build.mjs")], { stdio: "inherit" });
}
