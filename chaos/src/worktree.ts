/**
 * A second checkout of the repository's HEAD, with this one's node_modules: what is tried there changes no file here.
 */
import { execFileSync } from "node:child_process";
import { cpSync, globSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Worktree lives in a temporary folder until it is closed. */
export interface Worktree {
  readonly folder: string;
  /** Applies a patch, or takes it back; false where it does not fit. */
  apply(patch: string, how?: "forwards" | "reverse"): boolean;
  close(): void;
}

/**
 * openWorktree checks HEAD out. Packages' own node_modules are copied: their links to one another are relative, and
 * must lead here.
 */
export function openWorktree(root: string): Worktree {
  const folder = join(mkdtempSync(join(tmpdir(), "baton-mutants-")), "baton");
  const git = (cwd: string, ...args: readonly string[]) =>
    execFileSync("git", args, { cwd, stdio: ["ignore", "ignore", "inherit"] });
  git(root, "worktree", "add", "--detach", folder, "HEAD");
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const modules of globSync("{apps,packages}/*/node_modules", { cwd: root }).concat(
    "tests/node_modules",
    "chaos/node_modules",
    "bench/node_modules",
  )) {
    cpSync(join(root, modules), join(folder, modules), { recursive: true, verbatimSymlinks: true });
  }
  return {
    folder,
    apply(patch, how = "forwards") {
      try {
        git(folder, "apply", ...(how === "reverse" ? ["--reverse"] : []), patch);
        return true;
      } catch {
        return false;
      }
    },
    close() {
      git(root, "worktree", "remove", "--force", folder);
      rmSync(join(folder, ".."), { recursive: true, force: true });
    },
  };
}
