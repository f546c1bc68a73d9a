/** Why a request failed: the kinds of failure that pages distinguish, and their words. */
import type { ProblemJson } from "@baton/api";

/** FailureKind is a kind of failure that a page must distinguish. */
export type FailureKind = "admin-gone" | "redis-gone" | "session-over" | "forbidden" | "not-found" | "refused";

/** RequestError is thrown for every request without a good answer. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly failureKind: FailureKind;
  /** Undefined when no answer came, or none of Baton's. */
  readonly problem: ProblemJson | undefined;

  constructor(failureKind: FailureKind, message: string, problem?: ProblemJson, options?: ErrorOptions) {
    super(message, options);
    this.failureKind = failureKind;
    this.problem = problem;
  }
}

/**
 * problemCodeOfError gives the last part of the problem's type, such as `plan-expired`; undefined without a problem.
 */
export function problemCodeOfError(error: unknown): string | undefined {
  return error instanceof RequestError ? error.problem?.type.split(":").at(-1) : undefined;
}

/** failureKindOfError gives the kind of what was thrown; anything strange counts as a refusal. */
export function failureKindOfError(error: unknown): FailureKind {
  return error instanceof RequestError ? error.failureKind : "refused";
}

/** describeError says to a person what was wrong. */
export function describeError(error: unknown): string {
  if (!(error instanceof RequestError)) return error instanceof Error ? error.message : String(error);
  const members = (error.problem?.errors ?? []).map(
    ({ pointer, message }) => `${pointer || "the request"}: ${message}`,
  );
  return [error.message, ...members].join(" · ");
}

/** requestErrorFromResponse makes the error of an answer that is no success; never throws for what the body holds. */
export async function requestErrorFromResponse(response: Response): Promise<RequestError> {
  const problem = readProblem(await response.json().catch(() => undefined));
  const words = problem === undefined ? `Baton answered ${response.status}.` : (problem.detail ?? problem.title);
  return new RequestError(failureKindOfStatus(response.status, problem), words, problem);
}

function readProblem(body: unknown): ProblemJson | undefined {
  const isProblem = typeof body === "object" && body !== null && "type" in body && "title" in body;
  return isProblem ? (body as ProblemJson) : undefined;
}

function failureKindOfStatus(status: number, problem: ProblemJson | undefined): FailureKind {
  if (status === 401) return "session-over";
  if (status === 403) return "forbidden";
  if (status === 404) return "not-found";
  if (status === 503) return "redis-gone";
  // A proxy before admin that does not reach it.
  return problem === undefined && status >= 500 ? "admin-gone" : "refused";
}
