/** A question about an answer of CXone's, as it stands in the address, and as the API and the command line take it. */
import type { ExplainBody } from "../api/shapes.ts";
import { commandOf } from "../ui/command.ts";

/** UNANSWERED are the ways in which a signal gets no answer. */
export const UNANSWERED = ["unreachable", "timeout", "reset"] as const;

/** ExplainSearch has a status or a way to get none; without both nothing is asked. */
export interface ExplainSearch {
  readonly status?: string | undefined;
  readonly retryAfter?: string | undefined;
  readonly unanswered?: (typeof UNANSWERED)[number] | undefined;
  readonly attempt?: string | undefined;
  /** How much is left before the deadline, in seconds; all of it unless said. */
  readonly left?: string | undefined;
}

/** Asked is the connector by whose policy is answered. */
export interface Asked {
  readonly id: string;
  readonly delivery: { readonly deadlineMs: number };
}

const SECOND_MS = 1_000;

/** explainBodyOf gives what the API is asked; undefined where the address asks nothing. */
export function explainBodyOf(connector: Asked, search: ExplainSearch): ExplainBody | undefined {
  const { status, retryAfter, unanswered, attempt } = search;
  if (status === undefined && unanswered === undefined) return undefined;
  const headers = retryAfter === undefined ? {} : { headers: { "Retry-After": retryAfter } };
  return {
    connectorId: connector.id,
    answer: unanswered ?? { status: Number(status), ...headers },
    ...(attempt === undefined ? {} : { attempt: Number(attempt) }),
    ...elapsedOf(connector, search),
  };
}

/** The API gets how much time is over; a handoff whose own deadline is longer has lost nothing yet. */
function elapsedOf({ delivery }: Asked, { left }: ExplainSearch): { readonly elapsedMs?: number } {
  if (left === undefined) return {};
  return { elapsedMs: Math.max(0, delivery.deadlineMs - Number(left) * SECOND_MS) };
}

/** explainCommandOf gives the same question to the command line. */
export function explainCommandOf(connector: Asked, search: ExplainSearch): string {
  const { status, retryAfter, unanswered, attempt } = search;
  const { elapsedMs } = elapsedOf(connector, search);
  const answer = unanswered === undefined ? { status, "retry-after": retryAfter } : { unanswered };
  return commandOf(["explain"], {
    connector: connector.id,
    ...answer,
    attempt,
    elapsed: elapsedMs === undefined ? undefined : `${elapsedMs / SECOND_MS}s`,
  });
}
