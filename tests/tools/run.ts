/** Running other people's tools. */
import { spawn } from "node:child_process";

export interface RunOptions {
  readonly cwd: string;
  /** Besides what this process was given. */
  readonly env?: Readonly<Record<string, string>>;
}

/** run gives what a command said; throws with it where the exit code is not 0. */
export async function run(command: readonly string[], { cwd, env = {} }: RunOptions): Promise<string> {
  const [file = "", ...args] = command;
  const child = spawn(file, args, { cwd, env: { ...process.env, ...env }, stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  }
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once("error", reject).once("close", resolve),
  );
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}:\n${said}`);
  return said;
}
