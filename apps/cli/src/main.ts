/** The command `baton`. */
import { enableCompileCache } from "node:module";
import { homedir } from "node:os";
import { join } from "node:path";

// Half of a short command's time is reading its own code. What was compiled is kept for the next one, in the user's own
// folder: in the system's temporary one others may write.
enableCompileCache(join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "baton"));
const { EXIT, exitCodeOf, describeError } = await import("./command-errors.ts");
const { createProgram } = await import("./command-line-program.ts");

// `baton … | head` closes the pipe; that is no failure.
process.stdout.on("error", ({ code, message }: NodeJS.ErrnoException) => {
  if (code === "EPIPE") process.exit();
  process.stderr.write(`baton: the output cannot be written: ${message}\n`);
  process.exit(EXIT.failed);
});
// What goes to stderr is for a person, and not needed for the command to go on.
process.stderr.on("error", () => undefined);

try {
  await createProgram().parseAsync();
} catch (error) {
  const words = describeError(error);
  if (words !== undefined) process.stderr.write(`baton: ${words}\n`);
  process.exitCode = exitCodeOf(error);
}
