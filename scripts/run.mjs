// node scripts/run.mjs <command> [args]: runs a command of the project's packages (vitest, baton, …) on a machine that
// has only Node 20 or newer, npm and git. Installs pnpm and the packages first where they do not agree with the
// lockfile.
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "../apps/cli/bin/launch.mjs";

const root = resolve(fileURLToPath(import.meta.url), "../..");
const bin = join(root, "node_modules/.bin");

const [command, ...args] = process.argv.slice(2);
if (command === undefined) fail("say which command: node scripts/run.mjs <command> [args]", 2);
if (!isInstalled()) install();
if (!existsSync(join(bin, command))) fail(`no installed package has a command ${command}`, 2);
if (command === "vitest") installBrowser();
// First on the PATH, so that `node` is the project's own for whatever the command starts.
process.env.PATH = `${bin}${delimiter}${process.env.PATH}`;
process.chdir(root);
launch(join(bin, command), args);

/**
 * pnpm leaves a copy of the lockfile behind once everything in it is installed; the Node binary comes last, by its own
 * script.
 */
function isInstalled() {
  const installed = join(root, "node_modules/.pnpm/lock.yaml");
  if (!existsSync(installed) || !existsSync(join(bin, "node"))) return false;
  return readFileSync(installed).equals(readFileSync(join(root, "pnpm-lock.yaml")));
}

function install() {
  const { packageManager } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  process.stderr.write(`Installing the packages with ${packageManager}, into ${join(root, "node_modules")}\n`);
  const pnpm = ["--yes", packageManager, "install", "--frozen-lockfile", "--reporter=append-only", "--loglevel=error"];
  // Not a terminal's: pnpm would ask before it replaces another version's node_modules.
  const { status } = spawnSync("npx", pnpm, { cwd: root, stdio: "inherit", env: { ...process.env, CI: "true" } });
  if (status !== 0) fail("installing the packages failed; see above", 1);
}

/**
 * The browser tests need Chromium. Without it Vitest leaves them out, and says so; as root on Debian it is installed.
 */
function installBrowser() {
  if (isOnPath("chromium") || process.getuid?.() !== 0 || !isOnPath("apt-get")) return;
  process.stderr.write("Installing chromium with apt-get, for the browser tests\n");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  for (const wanted of [["update"], ["install", "--yes", "--no-install-recommends", "chromium"]]) {
    const quietly = ["--quiet", "--quiet", ...wanted];
    spawnSync("apt-get", quietly, { env, stdio: ["ignore", "ignore", "inherit"], timeout: 300_000 });
  }
}

function isOnPath(program) {
  return (process.env.PATH ?? "").split(delimiter).some((folder) => existsSync(join(folder, program)));
}

function fail(message, code) {
  process.stderr.write(`${message}\n`);
  process.exit(code);
}
