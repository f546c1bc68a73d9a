#!/usr/bin/env node
// `baton`, with whatever Node 20 or newer is on the PATH: finds the project's own Node and runs the command with it,
// from the sources where they are (a checkout needs no build), else from dist (the Docker image has nothing else).
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { launch } from "./launch.mjs";

/** The first Node that runs TypeScript without a flag or a warning. */
const OLDEST = { major: 24, minor: 12 };

/** The commands that serve the console. */
const SERVING = new Set(["up", "demo", "admin"]);

const cli = resolve(fileURLToPath(import.meta.url), "../..");
const node = findInstalledNode(cli) ?? (isRecent(process.versions.node) ? process.execPath : undefined);
if (node === undefined) {
  process.stderr.write(
    `baton: needs Node ${OLDEST.major}.${OLDEST.minor} or newer, and this is ${process.version}. Run "pnpm install", which brings the right one.\n`,
  );
  process.exit(1);
}
const source = join(cli, "src/main.ts");
if (existsSync(source) && SERVING.has(process.argv[2])) buildConsole();
const program = existsSync(source) ? ["--conditions=@baton/source", source] : [join(cli, "dist/main.js")];
launch(node, [...program, ...process.argv.slice(2)]);

/** Looks for the package `node` in `folder` and all folders above. */
function findInstalledNode(folder) {
  const candidate = join(folder, "node_modules/node/bin/node");
  if (existsSync(candidate)) return candidate;
  const parent = dirname(folder);
  return parent === folder ? undefined : findInstalledNode(parent);
}

function isRecent(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > OLDEST.major || (major === OLDEST.major && minor >= OLDEST.minor);
}

/** In a checkout the console is built where it is missing or older than its sources; without it admin says so. */
function buildConsole() {
  const { status } = spawnSync(node, [join(cli, "../console/build.mjs")], { stdio: ["ignore", 2, 2] });
  if (status !== 0) process.stderr.write("The console could not be built; all else works without it.\n");
}
