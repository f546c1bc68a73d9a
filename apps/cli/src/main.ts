/** The command `baton`. */
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// Half of a short command's time is reading its own code. What was compiled is kept for the next one, in the user's own
// folder: in the system's temporary one others may write.
enableCompileCache(join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "baton"));
const { exitCodeOf, describeError } = await import("./command-errors.ts");
const { createProgram } = await import("./program.ts");

// `baton … | head` closes the pipe; that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

try {
  await createProgram().parseAsync();
} catch (error) {
  const words = describeError(error);
  if (words !== undefined) process.stderr.write(`baton: ${words}\n`);
  process.exitCode = exitCodeOf(error);
}
