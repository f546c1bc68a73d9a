/** The version that runs, from the manifest, and the commit that it was built from. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { packageVersion } from "@baton/runtime/run-process";

/** VERSION of the command, and of every process that it starts. */
export const VERSION: string = packageVersion(import.meta.url);

/** Where this file lies in a checkout: the commit of another repository, around an installed Baton, is not shown. */
const SOURCE_FOLDER = "apps/cli/src/";
/** So many digits tell a commit from all others. */
const COMMIT_LENGTH = 12;

/**
 * formatVersionAndCommit gives `0.1.0 (64dd7158f1c2)`: the commit that the build wrote into `revision` beside the
 * manifest, else the checkout's. The version alone where neither is there.
 */
export function formatVersionAndCommit(folder: string = join(import.meta.dirname, "..")): string {
  const revision = writtenRevision(folder) ?? checkedOutRevision();
  return revision === undefined ? VERSION : `${VERSION} (${revision.slice(0, COMMIT_LENGTH)})`;
}

function writtenRevision(folder: string): string | undefined {
  try {
    const revision = readFileSync(join(folder, "revision"), "utf8").trim();
    return /^[\da-f]{7,}$/.test(revision) ? revision : undefined;
  } catch {
    return undefined;
  }
}

function checkedOutRevision(): string | undefined {
  const options = { cwd: import.meta.dirname, encoding: "utf8" } as const;
  const { status, stdout } = spawnSync("git", ["rev-parse", "HEAD", "--show-prefix"], options);
  const [revision, place] = status === 0 ? stdout.split("\n") : [];
  return place === SOURCE_FOLDER ? revision : undefined;
}
