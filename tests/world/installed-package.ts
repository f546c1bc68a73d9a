/** Packages as others have them: made by `npm run packages`, and installed into an empty folder. */
import { execFile as startFile } from "node:child_process";
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "./guide.ts";

const execFile = promisify(startFile);

/** InstalledPackage is a folder in which a package is installed, until it is removed. */
export interface InstalledPackage {
  readonly folder: string;
  /** Runs Node there, with no more of the environment than is given, and gives what it printed. */
  node(args: readonly string[], env?: Readonly<Record<string, string>>): Promise<string>;
  /** The links of the package's README that lead to no file of the package. */
  brokenLinks(): readonly string[];
  /** Has TypeScript check a file there, libraries' types among what it checks; gives what it says. */
  typeErrors(file: string): Promise<string>;
  remove(): void;
}

/** installTarball makes one of the tarballs and installs it, with `example` of its source beside. */
export async function installTarball(name: "cxone" | "client", example: string): Promise<InstalledPackage> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `baton-${name}-`)));
  const tarball = await makePackage(folder, name);
  writeFileSync(join(folder, "package.json"), JSON.stringify({ name: "consumer", private: true, type: "module" }));
  const quiet = ["--no-audit", "--no-fund", "--prefer-offline", "--loglevel=error"];
  await execFile("npm", ["install", ...quiet, tarball], { cwd: folder });
  cpSync(join(ROOT, example), join(folder, "example.ts"));
  const node = async (args: readonly string[], env: Readonly<Record<string, string>> = {}) =>
    (await execFile(process.execPath, args, { cwd: folder, env })).stdout.trim();
  return {
    folder,
    node,
    brokenLinks: () => findBrokenLinks(join(folder, "node_modules/@baton", name)),
    async typeErrors(file) {
      const options = ["--noEmit", "--strict", "--target", "es2024", "--module", "nodenext", "--skipLibCheck", "false"];
      const types = ["--types", "node", "--typeRoots", join(ROOT, "node_modules/@types")];
      const tsc = [join(ROOT, "node_modules/typescript/bin/tsc"), ...options, ...types, file];
      return execFile(process.execPath, tsc, { cwd: folder }).then(
        () => "",
        ({ stdout }: { stdout: string }) => stdout,
      );
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function findBrokenLinks(folder: string): readonly string[] {
  const links = [...readFileSync(join(folder, "README.md"), "utf8").matchAll(/\]\(([^)#]+)/g)];
  return links.map(([, link = ""]) => link).filter((link) => !link.includes("://") && !existsSync(join(folder, link)));
}

/** makePackage makes one package in `folder`, and gives its path. */
export async function makePackage(folder: string, name: "cxone" | "client" | "polyai"): Promise<string> {
  const script = [join(ROOT, "scripts/release/packages.mjs"), folder, name];
  const { stdout } = await execFile(process.execPath, script, { cwd: ROOT });
  return stdout.trim().split("\n").at(-1) ?? "";
}
