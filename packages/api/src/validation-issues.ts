/** From zod's issues to the `errors` of a problem document. */
import { formatJsonPointer, type ProblemCode, Refusal, type ValidationIssue } from "@baton/domain";
import type { z } from "zod";

/**
 * MAX_VALIDATION_ISSUES in one answer: enough to correct a body in one go, too few to make a large answer of a large
 * body.
 */
const MAX_VALIDATION_ISSUES = 50;

/** MAX_NAME_LENGTH of an unknown field in a message, characters; the pointer has it whole. */
const MAX_NAME_LENGTH = 64;

/**
 * validationIssues lists what is wrong, one issue per fault and one per unknown field, with JSON pointers
 * (RFC 6901) into the value that was parsed; `at` is put in front of them. A message never repeats a value.
 */
export function validationIssues(error: z.core.$ZodError, at: readonly PropertyKey[] = []): readonly ValidationIssue[] {
  return error.issues.flatMap((issue) => issuesOf(issue, at)).slice(0, MAX_VALIDATION_ISSUES);
}

/** parseOrRefuse parses `value`; throws Refusal `code` with every issue and `detail`. */
export function parseOrRefuse<S extends z.ZodType>(
  schema: S,
  value: unknown,
  refusal: { code: ProblemCode; detail: string },
): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Refusal(refusal.code, refusal.detail, { errors: validationIssues(parsed.error) });
}

function issuesOf(issue: z.core.$ZodIssue, at: readonly PropertyKey[]): readonly ValidationIssue[] {
  const path = [...at, ...issue.path];
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => ({
        pointer: formatJsonPointer([...path, key]),
        message: nameUnknownField(key, issue.message),
      }));
    case "invalid_union":
      return issuesOfUnion(issue, path);
    default:
      return [{ pointer: formatJsonPointer(path), message: rewordMessage(issue.message) }];
  }
}

/**
 * issuesOfUnion describes the alternative that comes nearest to the value: the one whose issues lie deepest, else what
 * every alternative expects.
 */
function issuesOfUnion(issue: z.core.$ZodIssueInvalidUnion, path: readonly PropertyKey[]): readonly ValidationIssue[] {
  const nearest = issue.errors.find((issues) => issues.every(({ path }) => path.length > 0)) ?? [];
  if (nearest.length > 0) return nearest.flatMap((inner) => issuesOf(inner, path));
  const messages = new Set(issue.errors.flat().map(({ message }) => rewordMessage(message)));
  return [{ pointer: formatJsonPointer(path), message: [...messages].join(", or ") || rewordMessage(issue.message) }];
}

function nameUnknownField(key: string, message: string): string {
  const name = JSON.stringify(key.length > MAX_NAME_LENGTH ? `${key.slice(0, MAX_NAME_LENGTH)}…` : key);
  return message.startsWith("unknown field")
    ? message.replace("unknown field", () => `unknown field ${name}`)
    : `unknown field ${name}`;
}

/**
 * rewordMessage puts zod's own sentences like ours: "Invalid input: expected string, received undefined" becomes "is
 * missing; expected string". A number that loses digits is called by our class's name there.
 */
function rewordMessage(message: string): string {
  const missing = /^Invalid input: (expected .+), received undefined$/.exec(message);
  if (missing !== null) return `is missing; ${missing[1]}`;
  return (
    message.charAt(0).toLowerCase() + message.slice(1).replace("received InexactNumber", "received too long a number")
  );
}
