/** Baton's processes as an operator runs them: one Node each. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { onTestFinished } from "vitest";
import { ROOT } from "./guide.ts";

/** RunningProcess is a process that listens; it is killed when the test is finished. */
export interface RunningProcess {
  readonly child: ChildProcess;
  readonly url: string;
  /** Its log so far, as parsed lines. */
  readonly lines: readonly Record<string, unknown>[];
  /** Sends the signal and gives the exit code, or the name of the signal that ended it. */
  stop(signal?: NodeJS.Signals): Promise<number | string>;
}

export type App = "ingress" | "worker" | "admin";
type Env = Readonly<Record<string, string>>;

/** startProcess runs `apps/<app>/src/main.ts`, of this checkout unless said, and waits until it listens. */
export async function startProcess(app: App, env: Env, root = ROOT): Promise<RunningProcess> {
  const child = spawn(process.execPath, argsOf(app, root), {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: Record<string, unknown>[] = [];
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.once("exit", (code) => reject(new Error(`${app} exited with ${code} before it listened`)));
    createInterface({ input: child.stdout }).on("line", (text) => {
      const line = JSON.parse(text) as Record<string, unknown>;
      lines.push(line);
      if (line.msg === "listening") resolve(String(line.url));
    });
  });
  return {
    child,
    url,
    lines,
    async stop(signal = "SIGTERM") {
      const exited = once(child, "exit");
      child.kill(signal);
      const [code, by] = await exited;
      return code ?? by;
    },
  };
}

/** EndedProcess is a process that ended by itself: its exit code and what it said. */
export interface EndedProcess {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** runToEnd runs a process that is expected to end by itself. */
export async function runToEnd(app: App, env: Env): Promise<EndedProcess> {
  const child = spawn(process.execPath, argsOf(app, ROOT), {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  const said = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      said[name] += text;
    });
  }
  const [code] = await once(child, "close");
  return { code, ...said };
}

function argsOf(app: App, root: string): readonly string[] {
  return ["--conditions=@baton/source", join(root, "apps", app, "src/main.ts")];
}
