/** The tools: pinned, in a folder of their own, so that Baton and its tests run without them. */
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { run } from "./run.ts";

/** FOLDER holds what to install, and how each tool is configured. */
export const FOLDER = join(import.meta.dirname, "tools");
const ROOT = join(import.meta.dirname, "../..");

/** Tools are where each is; `npm` has the npm packages' node_modules, `python` is the Python that has the others. */
export interface Tools {
  readonly npm: string;
  readonly python: string;
}

/** installTools installs once and keeps; where it cannot, it says so and gives undefined. */
export async function installTools(): Promise<Tools | undefined> {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "baton-openapi");
  try {
    const npm = await installOnce(cache, ["package.json", "pnpm-lock.yaml"], installNpm);
    const python = await installOnce(cache, ["requirements.txt"], installPython);
    return { npm, python: join(python, "bin/python") };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`${why}\nThe tools that read OpenAPI documents cannot be installed: nothing was checked.\n`);
    return undefined;
  }
}

/** installOnce keeps what was installed by what it was installed from: a change of a pin installs anew, beside it. */
async function installOnce(
  cache: string,
  sources: readonly string[],
  install: (folder: string) => Promise<void>,
): Promise<string> {
  const hash = createHash("sha256");
  for (const source of sources) hash.update(readFileSync(join(FOLDER, source)));
  const folder = join(cache, hash.digest("hex").slice(0, 16));
  const done = join(folder, ".installed");
  if (existsSync(done)) return folder;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const source of sources) cpSync(join(FOLDER, source), join(folder, source));
  process.stderr.write(`Installing ${sources.join(", ")} into ${folder}\n`);
  await install(folder);
  writeFileSync(done, "");
  return folder;
}

async function installNpm(folder: string): Promise<void> {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as { packageManager: string };
  const options = ["--frozen-lockfile", "--ignore-workspace", "--ignore-scripts", "--loglevel=error"];
  await run(["npx", "--yes", packageManager, "install", ...options], { cwd: folder, env: { CI: "true" } });
}

async function installPython(folder: string): Promise<void> {
  await run(["python3", "-m", "venv", folder], { cwd: folder });
  const pip = [join(folder, "bin/python"), "-m", "pip", "--disable-pip-version-check", "--quiet"];
  await run([...pip, "install", "--only-binary", ":all:", "-r", "requirements.txt"], { cwd: folder });
}
