/** The command `baton`. */
import { exitCodeOf, explain } from "./command-errors.ts";
import { createProgram } from "./program.ts";

// Whoever reads only the head of a table closes the pipe; that is no failure.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
  process.exit();
});

try {
  await createProgram().parseAsync();
} catch (error) {
  const words = explain(error);
  if (words !== undefined) process.stderr.write(`baton: ${words}\n`);
  process.exitCode = exitCodeOf(error);
}
