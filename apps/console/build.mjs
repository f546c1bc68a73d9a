// node apps/console/build.mjs: builds the console into admin's package where it is missing or older than its sources.
// Takes a few milliseconds where nothing is to be done, and two seconds where there is.
import { createHash, randomUUID } from "node:crypto";
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const here = resolve(fileURLToPath(import.meta.url), "..");
const root = join(here, "../..");
/** Where admin serves it from. */
const target = join(root, "apps/admin/dist/console");
/** Says inside the built console what it was built from. */
const MARK = "built-from.txt";

/** Everything that the built files depend on. */
const SOURCES = [
  "apps/console/{index.html,package.json,vite.config.ts,build.mjs}",
  "apps/console/{src,public}/**/*",
  "packages/{api,domain}/src/**/*.ts",
  "pnpm-lock.yaml",
];

const sources = hashSources();
if (readMark() !== sources) await build();

function hashSources() {
  const hash = createHash("sha256");
  for (const entry of globSync(SOURCES, { cwd: root, withFileTypes: true })
    .filter((each) => each.isFile())
    .sort(byPath)) {
    const path = join(entry.parentPath, entry.name);
    hash.update(path.slice(root.length)).update(readFileSync(path));
  }
  return hash.digest("hex");
}

function byPath(a, b) {
  return join(a.parentPath, a.name) < join(b.parentPath, b.name) ? -1 : 1;
}

function readMark() {
  const path = join(target, MARK);
  return existsSync(path) ? readFileSync(path, "utf8") : undefined;
}

/** Built beside and put in place at once: an admin that runs serves the old one or the new one, never half of one. */
async function build() {
  process.stderr.write("Building the console\n");
  // A test may be what builds, and then NODE_ENV would choose React's slower half for development.
  process.env.NODE_ENV = "production";
  const vite = await import("vite");
  const fresh = `${target}-${randomUUID()}`;
  try {
    await vite.build({ root: here, logLevel: "warn", build: { outDir: fresh, emptyOutDir: true } });
    writeFileSync(join(fresh, MARK), sources);
    rmSync(target, { recursive: true, force: true });
    renameSync(fresh, target);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}
