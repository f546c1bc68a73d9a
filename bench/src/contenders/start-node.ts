/** Starting a Node process and waiting until its log says that it serves. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type Child, startChild } from "@baton/chaos/child-process";
import { waitUntil } from "@baton/chaos/redis-server";

export const ROOT = join(import.meta.dirname, "../../..");

/** How much of a failed start's log the error shows, characters. */
const SHOWN = 1_000;

export interface NodeProcess {
  readonly name: string;
  readonly folder: string;
  /** From the repository's root. */
  readonly script: string;
  readonly env: Readonly<Record<string, string>>;
  /** What its log holds once it serves. */
  readonly says: string;
  readonly nodeOptions?: readonly string[];
}

/** startNode resolves once the process serves; it runs the sources, as both contenders do. */
export async function startNode({ name, folder, script, env, says, nodeOptions = [] }: NodeProcess): Promise<Child> {
  const logFile = join(folder, `${name}.log`);
  const command = [process.execPath, "--conditions=@baton/source", ...nodeOptions, join(ROOT, script)];
  const child = startChild({ command, env: { NODE_ENV: "production", ...env }, logFile });
  const failed = child.ended.then((how) => {
    throw new Error(`${name} ended (${how}) before it served: ${readFileSync(logFile, "utf8").slice(-SHOWN)}`);
  });
  await Promise.race([waitUntil(async () => readFileSync(logFile, "utf8").includes(says)), failed]).catch(
    async (error) => {
      await child.kill();
      throw error;
    },
  );
  return child;
}
