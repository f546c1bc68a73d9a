/** How a command ends other than well: what it says, what Ctrl-C does, and the exit code that a script may rely on. */
import { ConfigurationFault, EXIT_CONFIGURATION } from "@baton/runtime/configuration-fault";
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

/** describeError puts `error` into words for a person; undefined when Commander has already said it. */
export function describeError(error: unknown): string | undefined {
  if (error instanceof CommanderError) return undefined;
  if (!(error instanceof Error)) return String(error);
  const reason = error.cause instanceof Error ? networkErrorCodeOf(error.cause) : undefined;
  return reason === undefined ? error.message : `${error.message} (${reason})`;
}

/** networkErrorCodeOf is the short code of whatever a network call failed of, such as ECONNREFUSED. */
function networkErrorCodeOf(cause: Error): string | undefined {
  if ("code" in cause && typeof cause.code === "string") return cause.code;
  return cause.cause instanceof Error ? networkErrorCodeOf(cause.cause) : undefined;
}

let beforeExit: (() => void) | undefined;

/**
 * exitWhenInterrupted has Ctrl-C end a command that ends by itself, with 130, after whatever is still to be said. It is
 * set up once, before a command begins.
 */
export function exitWhenInterrupted(): void {
  process.once("SIGINT", () => {
    beforeExit?.();
    process.exit(EXIT.interrupted);
  });
}

/** runBeforeInterruptExit runs `act` between Ctrl-C and the exit; one at a time, the latest. */
export function runBeforeInterruptExit(act: () => void): void {
  beforeExit = act;
}
