/** Refusals of the API in the words of the command line: flags in place of the members of a request. */
import { ProblemError } from "@baton/api";

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
