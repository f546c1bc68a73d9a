/** Refusals as both APIs show them, RFC 9457 problems, and the error that the client throws for one. */
import { PROBLEMS, type ProblemCode, type ValidationIssue } from "@baton/domain";
import { z } from "zod";
import { handoffStatusSchema } from "./handoff-enumerations.ts";

const TYPE_PREFIX = "urn:baton:problem:";

const errorsSchema: z.ZodType<readonly ValidationIssue[]> = z.array(
  z
    .object({
      pointer: z
        .string()
        .meta({ description: "A JSON pointer (RFC 6901) into the body, or to a query parameter or header by name." }),
      message: z.string(),
    })
    .meta({ id: "ProblemError", description: "One thing that is wrong, and what would be accepted." }),
);

/** problemSchema is a refusal in an answer. */
export const problemSchema = z
  .object({
    type: z
      .string()
      .meta({ format: "uri", description: `\`${TYPE_PREFIX}<code>\`, one of: ${Object.keys(PROBLEMS).join(", ")}.` }),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string().exactOptional().meta({ description: "The request's id, as the log has it." }),
    errors: errorsSchema.exactOptional(),
    handoffStatus: handoffStatusSchema.exactOptional().meta({
      description:
        "Where the handoff stands that could not be changed, of `already-sending` and `already-ended`; `status` is HTTP's.",
    }),
  })
  .meta({
    id: "Problem",
    description: "Why a request was refused (RFC 9457).",
    examples: [
      {
        type: "urn:baton:problem:invalid-handoff",
        title: "The handoff is not valid",
        status: 422,
        detail: "The handoff is not valid; errors says where.",
        errors: [{ pointer: "/contactId", message: "send 1 to 19 digits" }],
      },
    ],
  });
export type ProblemJson = z.output<typeof problemSchema>;

/** readProblemCode reads the code from a problem's type; undefined when it is not one that Baton writes. */
function readProblemCode(problem: ProblemJson): ProblemCode | undefined {
  const code = problem.type.startsWith(TYPE_PREFIX) ? problem.type.slice(TYPE_PREFIX.length) : "";
  return isProblemCode(code) ? code : undefined;
}

function isProblemCode(code: string): code is ProblemCode {
  return Object.hasOwn(PROBLEMS, code);
}

/**
 * ProblemError carries the refusal as Baton sent it; an answer that is no problem document (a proxy's) is put into
 * words.
 */
export class ProblemError extends Error {
  override readonly name = "ProblemError";
  readonly problem: ProblemJson;
  /** The HTTP status of the answer. */
  readonly status: number;
  /** Undefined when the answer was not Baton's own problem. */
  readonly code: ProblemCode | undefined;
  /** The `Retry-After` header, milliseconds from its receipt. */
  readonly retryAfterMs: number | undefined;

  constructor(problem: ProblemJson, answer: { readonly status: number; readonly retryAfterMs?: number | undefined }) {
    super(
      [
        `${answer.status} ${problem.title}: ${problem.detail}`,
        ...(problem.errors ?? []).map((e) => `${e.pointer}: ${e.message}`),
      ].join("\n  "),
    );
    this.problem = problem;
    this.status = answer.status;
    this.code = readProblemCode(problem);
    this.retryAfterMs = answer.retryAfterMs;
  }
}

/** readProblemError reads a refusal; never throws for what the body holds. */
export async function readProblemError(response: Response): Promise<ProblemError> {
  const problem = problemSchema.safeParse(await response.json().catch(() => undefined));
  const { status } = response;
  const strange = {
    type: "about:blank",
    title: response.statusText || "Refused",
    status,
    detail: `${new URL(response.url).origin} gave no reason`,
  };
  return new ProblemError(problem.success ? problem.data : strange, { status, retryAfterMs: retryAfterMsOf(response) });
}

/** retryAfterMsOf reads seconds or an HTTP date (RFC 9110 §10.2.3); a past date is 0. */
function retryAfterMsOf(response: Response): number | undefined {
  const value = response.headers.get("retry-after") ?? "";
  if (/^\d{1,9}$/.test(value)) return Number(value) * 1_000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}
