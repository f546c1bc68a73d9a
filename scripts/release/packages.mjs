// npm run packages [-- <folder> [cxone|client|polyai …]]: makes what others install, in `release/` unless said:
// @baton/cxone and @baton/client as tarballs with types, the PolyAI client as a wheel. Publishes nothing.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

export const ROOT = resolve(import.meta.dirname, "../..");

/** Packages by the name they are published under; the client is built from the schemas that ingress and admin use. */
const TARBALLS = { cxone: "packages/cxone", client: "packages/api" };
const WHEEL = "examples/polyai";
/** What @baton/cxone asks for; the client runs where fetch and AbortSignal.timeout are. */
const ENGINES = { node: ">=22.19" };

if (import.meta.main) {
  const [folder = join(ROOT, "release"), ...names] = process.argv.slice(2);
  for (const file of makePackages(resolve(folder), names)) process.stdout.write(`${file}\n`);
}

/** makePackages gives the paths of what it made; no names are all of them. */
export function makePackages(folder, names = []) {
  mkdirSync(folder, { recursive: true });
  const isWanted = (name) => names.length === 0 || names.includes(name);
  const tarballs = Object.entries(TARBALLS).filter(([name]) => isWanted(name));
  const build = ["-b", ...tarballs.map(([, source]) => source)];
  const tsc = join(ROOT, "node_modules/typescript/bin/tsc");
  if (tarballs.length > 0) execFileSync(process.execPath, [tsc, ...build], { cwd: ROOT, stdio: "inherit" });
  return [
    ...tarballs.map(([name, source]) => packTarball(`@baton/${name}`, source, folder)),
    ...(isWanted("polyai") ? [packWheel(folder)] : []),
  ];
}

/**
 * packTarball packs a package with those of the workspace that it needs: they are bundled, since they are in no
 * registry.
 */
function packTarball(name, source, folder) {
  const stage = mkdtempSync(join(tmpdir(), "baton-package-"));
  try {
    const manifest = readManifest(source);
    const own = Object.keys(manifest.dependencies ?? {}).filter((each) => each.startsWith("@baton/"));
    lay(source, stage, { ...publicManifest(manifest), name, engines: ENGINES, bundleDependencies: own });
    for (const each of own) {
      const path = join("packages", each.slice("@baton/".length));
      lay(path, join(stage, "node_modules", each), publicManifest(readManifest(path)));
    }
    const options = ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder];
    return join(folder, execFileSync("npm", options, { cwd: stage, encoding: "utf8" }).trim().split("\n").at(-1) ?? "");
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
}

/** packWheel gives the path of the wheel. Pip fetches setuptools, as pyproject.toml names it. */
function packWheel(folder) {
  const stage = mkdtempSync(join(tmpdir(), "baton-wheel-"));
  try {
    // A build leaves files beside its source.
    cpSync(join(ROOT, WHEEL), stage, { recursive: true });
    cpSync(join(ROOT, "LICENSE"), join(stage, "LICENSE"));
    const pip = ["-m", "pip", "--quiet", "--disable-pip-version-check", "wheel", "--no-deps", "--wheel-dir", folder];
    execFileSync("python3", [...pip, stage], { stdio: ["ignore", "ignore", "inherit"] });
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  const [wheel = ""] = globSync("*.whl", { cwd: folder }).sort().toReversed();
  return join(folder, wheel);
}

function readManifest(source) {
  return JSON.parse(readFileSync(join(ROOT, source, "package.json"), "utf8"));
}

/** publicManifest has what a consumer reads: versions as they are pinned, types, and no condition of the workspace. */
function publicManifest({ name, version, description, license, type, exports, dependencies = {} }) {
  const catalog = readFileSync(join(ROOT, "pnpm-workspace.yaml"), "utf8");
  const pinned = (dependency) => {
    const [, found] = new RegExp(`^  "?${dependency}"?: (\\S+)$`, "m").exec(catalog) ?? [];
    if (found === undefined) throw new Error(`pnpm-workspace.yaml pins no ${dependency}`);
    return found;
  };
  return {
    name,
    version,
    description,
    license,
    type,
    exports: Object.fromEntries(Object.entries(exports).map(([door, { default: file }]) => [door, doorTo(file)])),
    files: ["dist", "examples"],
    dependencies: Object.fromEntries(
      Object.entries(dependencies).map(([each, wanted]) => [each, wanted === "catalog:" ? pinned(each) : version]),
    ),
  };
}

function doorTo(file) {
  return { types: file.replace(/\.js$/, ".d.ts"), default: file };
}

/** lay copies what a package publishes; `dist` may hold files whose source is gone. */
function lay(source, target, manifest) {
  const from = join(ROOT, source);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of globSync("**/*.{js,d.ts}", { cwd: join(from, "dist") })) {
    if (existsSync(join(from, "src", file.replace(/\.(?:js|d\.ts)$/, ".ts")))) {
      cpSync(join(from, "dist", file), join(target, "dist", file));
    }
  }
  for (const each of ["README.md", "examples"]) {
    if (existsSync(join(from, each))) cpSync(join(from, each), join(target, each), { recursive: true });
  }
  cpSync(join(ROOT, "LICENSE"), join(target, "LICENSE"));
}
