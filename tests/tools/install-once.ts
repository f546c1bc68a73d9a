/** Other people's tools: pinned, in folders of their own, so that Baton and its tests run without them. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "./run.ts";

const ROOT = join(import.meta.dirname, "../..");

/** Installation is what `install` makes of `sources`, files of `from` with the pins, in `~/.cache/<cache>`. */
export interface Installation {
  readonly cache: string;
  readonly from: string;
  readonly sources: readonly string[];
  install(folder: string): Promise<void>;
}

/**
 * installOnce gives the folder that has it all. It keeps what was installed by what it was installed from: a change of
 * a pin installs anew, beside it.
 */
export async function installOnce({ cache, from, sources, install }: Installation): Promise<string> {
  const hash = createHash("sha256");
  for (const source of sources) hash.update(readFileSync(join(from, source)));
  const caches = process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache");
  const folder = join(caches, cache, hash.digest("hex").slice(0, 16));
  const done = join(folder, ".installed");
  if (existsSync(done)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const source of sources) cpSync(join(from, source), join(folder, source));
  process.stderr.write(`Installing ${sources.join(", ")} into ${folder}\n`);
  await install(folder);
  writeFileSync(done, "");
  return folder;
}

/** installNpm installs a folder's package.json by its lockfile, with the project's own pnpm. */
export async function installNpm(folder: string): Promise<void> {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { packageManager: string };
  const options = ["--frozen-lockfile", "--ignore-workspace", "--ignore-scripts", "--loglevel=error"];
  await run(["npx", "--yes", packageManager, "install", ...options], { cwd: folder, env: { CI: "true" } });
}

/** installPython installs a folder's requirements.txt into a virtual environment there: `bin/python`. */
export async function installPython(folder: string): Promise<void> {
  await run(["python3", "-m", "venv", folder], { cwd: folder });
  const pip = [join(folder, "bin/python"), "-m", "pip", "--disable-pip-version-check", "--quiet"];
  await run([...pip, "install", "--only-binary", ":all:", "-r", "requirements.txt"], { cwd: folder });
}
