/**
 * `npm run mutants`: each patch in chaos/mutants takes one mechanism out of Baton and names the test that must then
 * fail. Exit codes: 0 every mutant was caught, 1 one was not, 2 misused.
 *
 * A patch begins with lines of `name: value`: `takes out` (what is gone), and `caught by`: a test file and the test's
 * name, with those of its groups, ` > ` between all; or `chaos > ` and a scenario.
 */
import { spawnSync } from "node:child_process";
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
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
    const sound = new Map<string, Result>();
    const verdicts = chosen.map((mutant) => {
      const { caughtBy } = mutant;
      // The test must pass without the patch, or its failing proves nothing.
      const before = sound.get(caughtBy) ?? run(caughtBy, worktree.folder);
      sound.set(caughtBy, before);
      const verdict = before === "passed" ? tryOut(mutant, worktree) : `without it the test is ${before}: ${caughtBy}`;
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
  if (!worktree.apply(patch)) return "its patch does not fit the code any more";
  try {
    return run(caughtBy, worktree.folder) === "failed" ? "caught" : `not caught by ${caughtBy}`;
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

/** Result of one test; `absent` where nothing of that name ran. */
type Result = "passed" | "failed" | "absent";

function run(caughtBy: string, folder: string): Result {
  const [where = "", ...names] = caughtBy.split(" > ");
  return where === "chaos" ? runScenario(names.join(), folder) : runTest(where, names.join(" > "), folder);
}

function runScenario(name: string, folder: string): Result {
  const out = mkdtempSync(join(tmpdir(), "baton-ledgers-"));
  const { status } = start(
    ["--conditions=@baton/source", "chaos/src/main.ts", "--scenario", name, "--out", out],
    folder,
  );
  rmSync(out, { recursive: true, force: true });
  return status === 0 ? "passed" : status === 1 ? "failed" : "absent";
}

/** A file that does not even load counts as failed; a name that fits no test as absent. */
function runTest(file: string, name: string, folder: string): Result {
  const pattern = `^${name.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`;
  const { status, stdout } = start(
    ["node_modules/vitest/vitest.mjs", "run", file, "--testNamePattern", pattern],
    folder,
  );
  if (status !== 0) return "failed";
  return /^ *Tests .*\b\d+ passed/m.test(stdout) ? "passed" : "absent";
}

function start(args: readonly string[], cwd: string) {
  return spawnSync(process.execPath, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, NO_COLOR: "1" },
    stdio: ["ignore", "pipe", "ignore"],
    maxBuffer: 2 ** 26,
    timeout: TEST_MS,
    killSignal: "SIGTERM",
  });
}
