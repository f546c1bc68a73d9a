/** A question about an answer of CXone's, as the API and the command line take it. */
import type { ExplainBody } from "../api/shapes.ts";
import type { ExplainSearch } from "../search-params.ts";
import { commandOf } from "../ui/command.ts";

/** PolicyConnector is the connector by whose policy is answered. */
export interface PolicyConnector {
  readonly id: string;
  readonly delivery: { readonly deadlineMs: number };
}

const SECOND_MS = 1_000;

/** explainBodyOf gives what the API is asked; undefined where the address asks nothing. */
export function explainBodyOf(connector: PolicyConnector, search: ExplainSearch): ExplainBody | undefined {
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
function elapsedOf({ delivery }: PolicyConnector, { left }: ExplainSearch): { readonly elapsedMs?: number } {
  if (left === undefined) return {};
  return { elapsedMs: Math.max(0, delivery.deadlineMs - Number(left) * SECOND_MS) };
}

/** explainCommandOf gives the same question to the command line. */
export function explainCommandOf(connector: PolicyConnector, search: ExplainSearch): string {
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
