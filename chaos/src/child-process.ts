/** Child processes that are known by their pid, and gone when this process is. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, writeSync } from "node:fs";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/**
 * GUARD runs the command in the shell's own place, so that its pid is the command's, and beside it a reader of this
 * process's pipe. The pipe ends when this process closes it or dies, however it dies; then the command is killed,
 * stopped or not.
 */
const GUARD = 'exec 3<&0; (cat <&3 >/dev/null 2>&1; kill -KILL $$ 2>/dev/null) & exec "$@" 3<&- </dev/null';

/** Child is a running process. */
export interface Child {
  readonly pid: number;
  /** Resolves with the exit code, or the name of the signal that ended it. */
  readonly ended: Promise<number | string>;
  /** Sends a signal; nothing happens where it has ended. */
  signal(signal: NodeJS.Signals): void;
  /** Kills it, and resolves once it is gone. */
  kill(): Promise<void>;
}

export interface ChildOptions {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** Everything it says goes here. */
  readonly logFile: string;
  /**
   * Called for each line; without it what the process says goes to its log by itself, and costs this process nothing.
   */
  readonly onLine?: (line: string) => void;
}

/** startChild starts a process with an environment of its own. */
export function startChild({ command, env, logFile, onLine }: ChildOptions): Child {
  const path = { PATH: process.env.PATH ?? "" };
  const log = openSync(logFile, "a");
  const child = spawn("/bin/sh", ["-c", GUARD, "sh", ...command], {
    detached: true,
    env: { ...path, ...env },
    stdio: ["pipe", onLine === undefined ? log : "pipe", log],
  });
  const { pid, stdin, stdout } = child;
  if (pid === undefined) throw new Error(`${command[0]} did not start`);
  stdin?.on("error", () => undefined);
  if (stdout === null || onLine === undefined) closeSync(log);
  else readLines(stdout, log, onLine);
  let running = true;
  const ended = once(child, "exit").then(([code, by]) => {
    running = false;
    stdin?.destroy();
    return (code ?? by) as number | string;
  });
  const signal = (name: NodeJS.Signals) => {
    if (running) process.kill(pid, name);
  };
  return {
    pid,
    ended,
    signal,
    async kill() {
      signal("SIGKILL");
      await ended;
    },
  };
}

function readLines(output: Readable, log: number, onLine: (line: string) => void): void {
  createInterface({ input: output })
    .on("line", (line) => {
      writeSync(log, `${line}\n`);
      onLine(line);
    })
    .on("close", () => closeSync(log));
}
