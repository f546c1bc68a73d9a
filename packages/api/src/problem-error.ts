/** ProblemError: what the client throws when Baton says no. */
import type { ProblemCode } from "@baton/domain";
import { type ProblemJson, problemCodeOf, problemSchema } from "./problem.ts";

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
    this.code = problemCodeOf(problem);
    this.retryAfterMs = answer.retryAfterMs;
  }
}

/** problemErrorFrom reads a refusal; never throws for what the body holds. */
export async function problemErrorFrom(response: Response): Promise<ProblemError> {
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
