/**
 * Refusals in the words of the command line: what the API calls a member, a person gave as an option or an argument.
 */
import { ProblemError } from "@baton/api";

/** Flags says by which option or argument each member of a request is given; `params/p1` is a member of a member. */
export type Flags = Readonly<Record<string, string>>;

/** inFlags waits for an answer of the API; where it is refused, the Error names flags in place of members. */
export async function inFlags<T>(flags: Flags, asked: Promise<T>): Promise<T> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ProblemError) throw new Error(describeInFlags(error, flags));
    throw error;
  }
}

/** describeInFlags puts a refusal into words. */
export function describeInFlags({ status, problem }: ProblemError, flags: Flags): string {
  const errors = (problem.errors ?? []).map(
    ({ pointer, message }) => `${flagAt(pointer, flags)}: ${inFlagWords(message, flags)}`,
  );
  return [`${status} ${problem.title}: ${inFlagWords(problem.detail, flags)}`, ...errors].join("\n  ");
}

/** A pointer into a member that is given as JSON goes on behind the flag. */
function flagAt(pointer: string, flags: Flags): string {
  const path = pointer.slice(1);
  const [member = "", ...rest] = path.split("/");
  const flag = flags[path] ?? flags[member];
  if (flag === undefined) return pointer;
  return path in flags || rest.length === 0 ? flag : `${flag} /${rest.join("/")}`;
}

/**
 * inFlagWords writes `"force": true` and `deadlineMs` as their flags; names that are plain words stay where they are
 * words.
 */
export function inFlagWords(text: string, flags: Flags): string {
  return Object.entries(flags).reduce(
    (words, [member, flag]) =>
      words.replaceAll(new RegExp(`"${member}"(?:: ?\\w+)?|\\b${member}\\b(?<=[a-z][A-Z]\\w*)`, "g"), flag),
    text,
  );
}
