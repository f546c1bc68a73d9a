/**
 * `npm run mutants`: each patch in chaos/mutants takes one mechanism out of Baton and names the test that must then fail.
 * Exit codes: 0 every mutant was caught, 1 one was not, 2 misused.
 *
 * A patch begins with lines of `name: value`: `takes out` (what is gone), and `caught by`: a test file, ` > ` and the test's name; or
 * `chaos` and a scenario.
 */
import { spawnSync } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { openWorktree } from "./worktree.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const FOLDER = join(ROOT, "chaos/mutants");
/** One test, on a busy machine. Milliseconds. */
const TEST_MS = 180_000;

interface Mutant {
  readonly name: string;
  readonly patch: string;
  readonly takesOut: string;
  readonly caughtBy: string;
}

process.exitCode = main(process.argv.slice(2));

function main(names: readonly string[]): number {
  const mutants = globSync("*.patch", { cwd: FOLDER }).toSorted().map(readMutant);
  const chosen = mutants.filter(({ name }) => names.length === 0 || names.includes(name));
  if (chosen.length === 0 || names.some((name) => !mutants.some((mutant) => mutant.name === name))) {
    process.stderr.write(`npm run mutants -- [name ...]\nmutants: ${mutants.map(({ name }) => name).join(", ")}\n`);
    return 2;
  }
  const worktree = openWorktree(ROOT);
  try {
    const sound = new Map<string, boolean>();
    const verdicts = chosen.map((mutant) => {
      const { caughtBy } = mutant;
      // The test must pass without the patch, or its failing proves nothing.
      if (!sound.has(caughtBy)) sound.set(caughtBy, passes(caughtBy, worktree.folder));
      const verdict = sound.get(caughtBy) ? tryOut(mutant, worktree) : "its test fails without it";
      process.stdout.write(
        `${verdict === "caught" ? "caught " : "ESCAPED"}  ${mutant.name.padEnd(28)} ${mutant.takesOut}${verdict === "caught" ? "" : `: ${verdict}`}\n`,
      );
      return verdict;
    });
    const caught = verdicts.filter((verdict) => verdict === "caught").length;
    process.stdout.write(`${caught} of ${verdicts.length} mutants caught\n`);
    return caught === verdicts.length ? 0 : 1;
  } finally {
    worktree.close();
  }
}

function tryOut({ patch, caughtBy }: Mutant, worktree: ReturnType<typeof openWorktree>): string {
  worktree.apply(patch);
  try {
    return passes(caughtBy, worktree.folder) ? `not caught by ${caughtBy}` : "caught";
  } finally {
    worktree.apply(patch, "reverse");
  }
}

function readMutant(file: string): Mutant {
  const patch = join(FOLDER, file);
  const text = readFileSync(patch, "utf8");
  const field = (name: string): string => {
    const value = new RegExp(`^${name}: (.+)$`, "m").exec(text)?.[1];
    if (value === undefined) throw new Error(`${file} does not say "${name}: …"`);
    return value;
  };
  return { name: basename(file, ".patch"), patch, takesOut: field("takes out"), caughtBy: field("caught by") };
}

function passes(caughtBy: string, folder: string): boolean {
  const { status } = spawnSync(process.execPath, commandOf(caughtBy), {
    cwd: folder,
    stdio: "ignore",
    timeout: TEST_MS,
    killSignal: "SIGKILL",
  });
  return status === 0;
}

function commandOf(caughtBy: string): readonly string[] {
  const [where = "", what = ""] = caughtBy.split(" > ");
  if (where === "chaos") return ["--conditions=@baton/source", "chaos/src/main.ts", "--scenario", what];
  const name = what.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return ["node_modules/vitest/vitest.mjs", "run", where, "--testNamePattern", `^${name}$`];
}
