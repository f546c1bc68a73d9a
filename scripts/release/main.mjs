// npm run release -- <version>: the changelog's section, the version everywhere, the packages, a commit and its tag.
// Publishes and pushes nothing; says at the end what is left to do. --dry-run shows what it would write.
import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { releaseChangelog } from "./changelog.mjs";
import { makePackages } from "./packages.mjs";
import { isNewer, withVersion } from "./version.mjs";

const ROOT = resolve(import.meta.dirname, "../..");
const FOLDER = join(ROOT, "release");
const USAGE = "npm run release -- <version> [--dry-run], such as 0.2.0";

process.exitCode = main();

function main() {
  const { values, positionals } = parseArgs({
    options: { "dry-run": { type: "boolean", default: false } },
    allowPositionals: true,
  });
  const [version = ""] = positionals;
  if (!/^\d+\.\d+\.\d+$/.test(version) || positionals.length > 1) return refuse(USAGE, 2);
  const fault = findFault(version);
  if (fault !== undefined) return refuse(fault, 1);
  const day = new Date().toISOString().slice(0, 10);
  const changelog = releaseChangelog(readFileSync(join(ROOT, "CHANGELOG.md"), "utf8"), version, day);
  const files = { "CHANGELOG.md": changelog.text, ...withVersion(ROOT, version) };
  if (values["dry-run"]) {
    say(`Version ${version} would stand in:\n  ${Object.keys(files).join("\n  ")}\n\n${changelog.section}`);
    return 0;
  }
  release(version, files, changelog.section);
  return 0;
}

/** findFault says why nothing can be released now. */
function findFault(version) {
  if (git("status", "--porcelain", "--untracked-files=no") !== "") return "commit first: the tree is not clean";
  if (git("tag", "--list", `v${version}`) !== "") return `v${version} is released already`;
  const { version: current } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const isFirst = git("tag", "--list", "v*") === "" && version === current;
  return isFirst || isNewer(version, current) ? undefined : `${version} is not above ${current}`;
}

/** release writes, makes the packages, commits and tags; what fails before the commit is undone. */
function release(version, files, section) {
  rmSync(FOLDER, { recursive: true, force: true });
  let made;
  try {
    for (const [file, text] of Object.entries(files)) writeFileSync(join(ROOT, file), text);
    made = [...makePackages(FOLDER), writeBill()];
  } catch (error) {
    git("checkout", "--", ...Object.keys(files));
    throw error;
  }
  git("commit", "--quiet", "--all", "--message", `Release ${version}`);
  git("tag", "--annotate", "--cleanup=verbatim", `v${version}`, "--message", `Baton ${version}\n\n${section}`);
  say(
    [
      `Tagged v${version}. In release/:`,
      ...made.map((file) => `  ${file.slice(FOLDER.length + 1)}`),
      "\nWhat is left:",
      "  git push --follow-tags",
      `  docker build --file deploy/docker/Dockerfile --build-arg REVISION=${git("rev-parse", "HEAD")} --tag baton:${version} .`,
    ].join("\n"),
  );
}

/** writeBill has pnpm name everything that the processes run on, from the lockfile. */
function writeBill() {
  const { packageManager } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8"));
  const bill = join(FOLDER, "baton.cdx.json");
  const options = [
    "--sbom-format",
    "cyclonedx",
    "--sbom-type",
    "application",
    "--prod",
    "--no-optional",
    "--out",
    bill,
  ];
  execFileSync("npx", ["--yes", packageManager, "--filter", "@baton/cli", "sbom", ...options], {
    cwd: ROOT,
    stdio: ["ignore", "ignore", "inherit"],
  });
  return bill;
}

function git(...args) {
  return execFileSync("git", args, { cwd: ROOT, encoding: "utf8" }).trim();
}

function refuse(words, code) {
  process.stderr.write(`${words}\n`);
  return code;
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
