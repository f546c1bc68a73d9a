/** Exit codes: what a script may rely on. */
import { ConfigurationFault, EXIT_CONFIGURATION } from "@baton/runtime";
import { CommanderError } from "commander";

/** EXIT is what each ending of a command exits with. */
export const EXIT = { done: 0, failed: 1, misused: 2, configuration: EXIT_CONFIGURATION, interrupted: 130 } as const;

/** Misuse is thrown where the command line itself cannot be meant; `message` says what would be accepted. */
export class Misuse extends Error {
  override readonly name = "Misuse";
}

/** exitCodeOf gives what a command that ended in `error` exits with. */
export function exitCodeOf(error: unknown): number {
  if (error instanceof ConfigurationFault) return EXIT.configuration;
  if (error instanceof Misuse) return EXIT.misused;
  // Commander throws for `--help` and `--version` too, with 0; all else it throws for is misuse.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.misused;
  return EXIT.failed;
}

/** explain puts `error` into words for a person; undefined when Commander has already said it. */
export function explain(error: unknown): string | undefined {
  if (error instanceof CommanderError) return undefined;
  if (!(error instanceof Error)) return String(error);
  const reason = error.cause instanceof Error ? reasonOf(error.cause) : undefined;
  return reason === undefined ? error.message : `${error.message} (${reason})`;
}

/** reasonOf is the short code of whatever a network call failed of, such as ECONNREFUSED. */
function reasonOf(cause: Error): string | undefined {
  if ("code" in cause && typeof cause.code === "string") return cause.code;
  return cause.cause instanceof Error ? reasonOf(cause.cause) : undefined;
}
