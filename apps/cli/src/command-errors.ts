/**
 * How a command ends other than well: what it says, in the words of the command line, what Ctrl-C does, and the exit
 * code that a script may rely on.
 */
import { ProblemError } from "@baton/api";
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

/**
 * FlagsByMember says by which option or argument each member of a request is given; `params/p1` is a member of a
 * member.
 */
export type FlagsByMember = Readonly<Record<string, string>>;

/**
 * awaitWithFlagsInRefusal waits for an answer of the API; where it is refused, the Error names flags in place of
 * members.
 */
export async function awaitWithFlagsInRefusal<T>(flags: FlagsByMember, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ProblemError) throw new Error(describeRefusal(error, flags));
    throw error;
  }
}

/** describeRefusal puts a refusal into words. */
export function describeRefusal({ status, problem }: ProblemError, flags: FlagsByMember): string {
  const errors = (problem.errors ?? []).map(
    ({ pointer, message }) => `${flagOfPointer(pointer, flags)}: ${replaceMembersByFlags(message, flags)}`,
  );
  return [`${status} ${problem.title}: ${replaceMembersByFlags(problem.detail, flags)}`, ...errors].join("\n  ");
}

/** A pointer into a member that is given as JSON goes on behind the flag. */
function flagOfPointer(pointer: string, flags: FlagsByMember): string {
  const path = pointer.slice(1);
  const [member = "", ...rest] = path.split("/");
  const flag = flags[path] ?? flags[member];
  if (flag === undefined) return pointer;
  return path in flags || rest.length === 0 ? flag : `${flag} /${rest.join("/")}`;
}

/**
 * replaceMembersByFlags writes `"force": true` and `deadlineMs` as their flags; names that are plain words stay where
 * they are words.
 */
export function replaceMembersByFlags(text: string, flags: FlagsByMember): string {
  return Object.entries(flags).reduce(
    (words, [member, flag]) =>
      words.replaceAll(new RegExp(`"${member}"(?:: ?\\w+)?|\\b${member}\\b(?<=[a-z][A-Z]\\w*)`, "g"), flag),
    text,
  );
}
