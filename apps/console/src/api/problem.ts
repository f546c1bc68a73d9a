/** Why a request brought no answer: the kinds that pages distinguish, and their words. */
import type { ProblemJson } from "@baton/api";

/** Trouble is a kind that a page must distinguish. */
export type Trouble = "admin-gone" | "redis-gone" | "session-over" | "forbidden" | "not-found" | "refused";

/** RequestError is thrown for every request without a good answer. */
export class RequestError extends Error {
  override readonly name = "RequestError";
  readonly trouble: Trouble;
  /** Undefined when no answer came, or none of Baton's. */
  readonly problem: ProblemJson | undefined;

  constructor(trouble: Trouble, message: string, problem?: ProblemJson, options?: ErrorOptions) {
    super(message, options);
    this.trouble = trouble;
    this.problem = problem;
  }
}

/** problemSlug is the last part of a problem's type, such as `plan-expired`. */
export function problemSlug(error: unknown): string | undefined {
  return error instanceof RequestError ? error.problem?.type.split(":").at(-1) : undefined;
}

/** troubleOf sorts what was thrown; anything strange counts as a refusal. */
export function troubleOf(error: unknown): Trouble {
  return error instanceof RequestError ? error.trouble : "refused";
}

/** wordsOf says to a person what was wrong. */
export function wordsOf(error: unknown): string {
  if (!(error instanceof RequestError)) return error instanceof Error ? error.message : String(error);
  const members = (error.problem?.errors ?? []).map(
    ({ pointer, message }) => `${pointer || "the request"}: ${message}`,
  );
  return [error.message, ...members].join(" · ");
}

/** refusedBy reads an answer that is no success; never throws for what the body holds. */
export async function refusedBy(response: Response): Promise<RequestError> {
  const problem = readProblem(await response.json().catch(() => undefined));
  const words = problem === undefined ? `Baton answered ${response.status}.` : (problem.detail ?? problem.title);
  return new RequestError(sortStatus(response.status, problem), words, problem);
}

function readProblem(body: unknown): ProblemJson | undefined {
  const isProblem = typeof body === "object" && body !== null && "type" in body && "title" in body;
  return isProblem ? (body as ProblemJson) : undefined;
}

function sortStatus(status: number, problem: ProblemJson | undefined): Trouble {
  if (status === 401) return "session-over";
  if (status === 403) return "forbidden";
  if (status === 404) return "not-found";
  if (status === 503) return "redis-gone";
  // A proxy before admin that does not reach it.
  return problem === undefined && status >= 500 ? "admin-gone" : "refused";
}
