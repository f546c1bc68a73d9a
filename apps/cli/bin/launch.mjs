import { spawn } from "node:child_process";
import { constants } from "node:os";

const FORWARDED = ["SIGTERM", "SIGINT", "SIGHUP"];

/**
 * launch runs `program` with `args` in this process's place: its input and output, its signals, its exit code.
 *
 * Where Node can (22.15 or newer, not on Windows) this process becomes the program, so that even kill -9 meets it. An
 * older Node stays as its parent, hands signals on (a terminal sends them to both, so the program may see one twice)
 * and exits with the program's code, or 128 + the number of the signal that ended it.
 *
 * @param {string} program the path of an executable
 * @param {readonly string[]} args
 */
export function launch(program, args) {
  if (process.execve !== undefined && process.platform !== "win32")
    process.execve(program, [program, ...args], process.env);
  const child = spawn(program, args, { stdio: "inherit" });
  for (const signal of FORWARDED) process.on(signal, () => child.kill(signal));
  child.on("error", (error) => {
    process.stderr.write(`cannot run ${program}: ${error.message}\n`);
    process.exit(1);
  });
  child.on("exit", (code, signal) => process.exit(signal === null ? (code ?? 1) : 128 + constants.signals[signal]));
}
