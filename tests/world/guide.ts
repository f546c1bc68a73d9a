/** Guides, followed literally: their commands, as they stand in the document, given to a shell. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import getPort from "get-port";
import { onTestFinished } from "vitest";

/** ROOT is the checkout. */
export const ROOT = join(import.meta.dirname, "../..");

/** readGuide reads a document of the checkout. */
export function readGuide(path: string): string {
  return readFileSync(join(ROOT, path), "utf8");
}

/** sectionOf gives what stands under a heading of the second level. */
export function sectionOf(guide: string, heading: string): string {
  return guide.split(/^## /m).find((section) => section.startsWith(`${heading}\n`)) ?? "";
}

/** blocksOf gives the code blocks of a language. */
export function blocksOf(guide: string, language: string): readonly string[] {
  return [...guide.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, "gms"))].map(([, code = ""]) => code);
}

type Env = Readonly<Record<string, string>>;

/** Shell is a shell under way, with all that it started. */
export interface Shell {
  readonly ended: Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
  /** Resolves once it wrote this to stderr. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
}

/**
 * startShell gives commands to one shell of its own group, in `cwd`, that ends at the first one that fails; whatever it
 * left running ends with the test.
 */
export function startShell(
  commands: readonly string[],
  { env, cwd = ROOT }: { readonly env: Env; readonly cwd?: string },
): Shell {
  const { PATH = "", HOME = "" } = process.env;
  const shell = spawn("bash", ["-euo", "pipefail", "-c", commands.join("\n")], {
    cwd,
    env: { PATH, HOME, ...env },
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => {
    try {
      process.kill(-(shell.pid ?? 0), "SIGKILL");
    } catch {
      // It has ended, with all that it started.
    }
  });
  let stderr = "";
  shell.stderr.setEncoding("utf8").on("data", (part: string) => {
    stderr += part;
  });
  const ended = Promise.all([text(shell.stdout), once(shell, "close")]).then(([stdout, [code]]) => ({
    code,
    stdout,
    stderr,
  }));
  return {
    ended,
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(stderr);
          if (found !== null) resolve(found);
        };
        shell.stderr.on("data", look);
        void ended.then(({ code }) =>
          reject(new Error(`the shell ended with ${code} before it printed ${pattern}:\n${stderr}`)),
        );
      }),
  };
}

/** freePorts finds ports that are free at this moment. */
export async function freePorts(count: number): Promise<readonly string[]> {
  return (await Promise.all(Array.from({ length: count }, () => getPort({ host: "127.0.0.1" })))).map(String);
}
