// Where the one version of Baton stands. Paths in, texts out; nothing is written here.
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const MANIFEST = /^( {2}"version": )"[^"]+"/m;
/** Files beside the manifests of packages, with what holds the version. */
const OTHERS = {
  "deploy/docker/Dockerfile": [/^(ARG VERSION=)\S+/m],
  "deploy/helm/baton/Chart.yaml": [/^(version: )\S+/m, /^(appVersion: )\S+/m],
  "examples/polyai/pyproject.toml": [/^(version = )"[^"]+"/m],
};
const UPGRADE = "docs/upgrade.md";
const SCHEMA = "packages/handoffs/src/scripts/parts/shard-keys-clock-and-record.lua";

/** placesOf gives each file that holds the version, with the patterns that find it. */
export function placesOf(root) {
  const manifests = execFileSync("git", ["ls-files", "package.json", "*/package.json", ":!*/tools/*"], {
    cwd: root,
    encoding: "utf8",
  })
    .split("\n")
    .filter((file) => file !== "" && MANIFEST.test(readFileSync(join(root, file), "utf8")));
  return { ...Object.fromEntries(manifests.map((file) => [file, [MANIFEST]])), ...OTHERS };
}

/** withVersion gives the new text of each file that holds the version. */
export function withVersion(root, version) {
  const places = Object.entries(placesOf(root)).map(([file, patterns]) => {
    const text = readFileSync(join(root, file), "utf8");
    const quote = (found) => (found.endsWith('"') ? `"${version}"` : version);
    return [file, patterns.reduce((all, pattern) => all.replace(pattern, (found, name) => name + quote(found)), text)];
  });
  return Object.fromEntries([...places, [UPGRADE, withRow(root, version)]]);
}

/** withRow gives docs/upgrade.md with this version's schemas, where it does not have them yet. */
function withRow(root, version) {
  const text = readFileSync(join(root, UPGRADE), "utf8");
  if (text.includes(`| ${version} |`)) return text;
  const schema = /^local SCHEMA, OLDEST_SCHEMA = (\d+), (\d+)$/m.exec(readFileSync(join(root, SCHEMA), "utf8"));
  if (schema === null) throw new Error(`${SCHEMA} names no schema`);
  return text.replace(
    /^\| --- \| ---: \| ---: \|$/m,
    (line) => `${line}\n| ${version} | ${schema[1]} | ${schema[2]} |`,
  );
}

/** isNewer compares versions of three numbers. */
export function isNewer(version, than) {
  const [one, other] = [version, than].map((text) => text.split(".").map(Number));
  const differs = one.findIndex((number, place) => number !== other[place]);
  return differs >= 0 && one[differs] > other[differs];
}
