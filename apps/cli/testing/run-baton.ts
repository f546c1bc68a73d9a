/** Running `baton` as a user does: through its launcher, as a process of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import type { Writable } from "node:stream";
import { onTestFinished } from "vitest";

const LAUNCHER = join(import.meta.dirname, "../bin/baton.mjs");

export type Env = Readonly<Record<string, string>>;

/** Ended is what a command left behind. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Running is a command that has not ended. */
export interface Running {
  readonly ended: Promise<Ended>;
  /** The first match in what it writes to stdout or stderr; rejects when it ends without one. */
  until(pattern: RegExp): Promise<RegExpExecArray>;
  kill(signal: NodeJS.Signals): void;
}

/** startBaton starts a command with `env` and nothing else of Baton's. It is killed when the test ends. */
export function startBaton(args: readonly string[], { env = {}, input }: { env?: Env; input?: string } = {}): Running {
  const { type: _, ...running } = start([process.execPath, LAUNCHER, ...args], env, (stdin) => stdin.end(input));
  return running;
}

/** OnTerminal is a command that a person runs: what it writes comes together, and `type` answers it. */
export interface OnTerminal extends Running {
  type(text: string): void;
}

/** startBatonOnTerminal starts a command on a pseudo-terminal: util-linux's `script` has one. */
export function startBatonOnTerminal(
  args: readonly string[],
  { env = {}, columns = 140 }: { env?: Env; columns?: number } = {},
): OnTerminal {
  const quoted = [process.execPath, LAUNCHER, ...args].map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(" ");
  const command = ["script", "--quiet", "--return", "--flush", "--command"];
  return start([...command, `stty cols ${columns} rows 50; exec ${quoted}`, "/dev/null"], {
    TERM: "xterm-256color",
    ...env,
  });
}

/** startShellOnTerminal starts a shell for a person, in which `baton` is on the PATH. */
export function startShellOnTerminal(command: string): OnTerminal {
  const terminal = ["script", "--quiet", "--return", "--flush", "--command", `stty cols 140 rows 50; exec ${command}`];
  return start([...terminal, "/dev/null"], { TERM: "xterm-256color", PATH: pathWithBaton() });
}

/** runInShell runs a line of a shell to its end; `baton` is on the PATH. */
export async function runInShell(line: string, { env = {} }: { env?: Env } = {}): Promise<Ended> {
  return await start(["sh", "-c", line], { PATH: pathWithBaton(), ...env }, (stdin) => stdin.end()).ended;
}

function pathWithBaton(): string {
  const folder = mkdtempSync(join(tmpdir(), "baton-command-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  writeFileSync(join(folder, "baton"), `#!/bin/sh\nexec "${process.execPath}" "${LAUNCHER}" "$@"\n`, { mode: 0o755 });
  return [folder, process.env.PATH].join(delimiter);
}

function start(command: readonly string[], env: Env, begin?: (stdin: Writable) => void): OnTerminal {
  const { PATH = "", HOME = "", TMPDIR } = process.env;
  const [file = "", ...args] = command;
  const child = spawn(file, args, { env: { PATH, HOME, ...(TMPDIR && { TMPDIR }), ...env } });
  onTestFinished(() => void child.kill("SIGKILL"));
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
    });
  }
  begin?.(child.stdin);
  const ended = once(child, "close").then(([code]): Ended => ({ code, ...output }));
  return {
    ended,
    kill: (signal) => void child.kill(signal),
    type: (text) => void child.stdin.write(text),
    until: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = pattern.exec(output.stdout) ?? pattern.exec(output.stderr);
          if (found !== null) resolve(found);
        };
        child.stdout.on("data", look);
        child.stderr.on("data", look);
        look();
        void ended.then(({ stdout, stderr }) =>
          reject(new Error(`${args.join(" ")} ended without ${pattern}:\n${stdout}\n${stderr}`)),
        );
      }),
  };
}

/** runBaton runs a command to its end. */
export async function runBaton(args: readonly string[], options: { env?: Env; input?: string } = {}): Promise<Ended> {
  return await startBaton(args, options).ended;
}
