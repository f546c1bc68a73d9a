/** What Baton would do about an answer of CXone's, asked as the API and the command line take it. */
import type { ExplainBody } from "../api/answer-types.ts";
import type { ExplainSearch } from "../page-search-params.ts";
import { formatBatonCommand } from "../ui/format-baton-command.ts";

/** ExplainedConnector is the connector by whose policy is answered. */
export interface ExplainedConnector {
  readonly id: string;
  readonly delivery: { readonly deadlineMs: number };
}

const SECOND_MS = 1_000;

/** toExplainRequestBody gives what the API is asked; undefined where the address asks nothing. */
export function toExplainRequestBody(connector: ExplainedConnector, search: ExplainSearch): ExplainBody | undefined {
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
function elapsedOf({ delivery }: ExplainedConnector, { left }: ExplainSearch): { readonly elapsedMs?: number } {
  if (left === undefined) return {};
  return { elapsedMs: Math.max(0, delivery.deadlineMs - Number(left) * SECOND_MS) };
}

/** formatExplainCxoneAnswerCommand gives the same question to the command line. */
export function formatExplainCxoneAnswerCommand(connector: ExplainedConnector, search: ExplainSearch): string {
  const { status, retryAfter, unanswered, attempt } = search;
  const { elapsedMs } = elapsedOf(connector, search);
  const answer = unanswered === undefined ? { status, "retry-after": retryAfter } : { unanswered };
  return formatBatonCommand(["explain"], {
    connector: connector.id,
    ...answer,
    attempt,
    elapsed: elapsedMs === undefined ? undefined : `${elapsedMs / SECOND_MS}s`,
  });
}
