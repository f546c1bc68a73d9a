/** Explaining an answer of CXone's, by the very functions that decide about real ones. Nothing is sent. */
import type { ExplainQuestion, Explanation, Unanswered } from "@baton/api";
import { type Reply, readOutcome, refusedPart } from "@baton/cxone";
import { BREAKER, type Connector, countsAgainstBreaker, type SignalOutcome, settle } from "@baton/domain";
import type { StoredConnector } from "@baton/registry/connectors";
import { describeExplanation } from "./explanation-text.ts";
import { notFound } from "./refusals.ts";

interface Deps {
  readonly connectors: { read(id: string): Promise<StoredConnector | undefined> };
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** Explain throws Refusal `not-found` for a connector that is not there. */
export type Explain = (question: ExplainQuestion) => Promise<Explanation>;

/** MOST_RANDOM is as near to 1 as luck comes: the longest wait. */
const MOST_RANDOM = 1 - Number.EPSILON;

export function createExplain({ connectors, now }: Deps): Explain {
  return async (question) => {
    const stored = await connectors.read(question.connectorId);
    if (stored === undefined) throw notFound("connector", question.connectorId);
    return explain(stored.connector, question, now());
  };
}

function explain(
  connector: Connector,
  { answer, attempt: used, elapsedMs }: ExplainQuestion,
  now: number,
): Explanation {
  const { delivery: policy, cxone: target } = connector;
  const outcome = readOutcome(replyOf(answer), () => undefined, now);
  const attempt = { used, deadlineAt: now + policy.deadlineMs - elapsedMs };
  const [least, most] = [0, MOST_RANDOM].map((random) => settle(outcome, policy, attempt, { now, random }));
  if (least === undefined || most === undefined) throw new Error("two verdicts were asked for");
  // The longest wait may end after the deadline where the shortest does not.
  const waits = [least, most].flatMap((verdict) => (verdict.kind === "retry" ? [verdict.waitMs] : []));
  const renews = refusedPart(outcome, target);
  const explanation: Omit<Explanation, "text"> = {
    outcome: outcome.kind,
    ...(renews === undefined ? {} : { renews }),
    next: least.kind,
    ...(least.kind === "dead" ? { reason: least.reason } : {}),
    ...(least.kind === "retry" ? { wait: { leastMs: least.waitMs, mostMs: Math.max(...waits) } } : {}),
    ...("holdMs" in least && least.holdMs !== undefined ? { holdMs: least.holdMs } : {}),
    mayHaveArrived: mayHaveArrived(outcome, least),
    breaker: { counts: countsAgainstBreaker(outcome.kind), ...BREAKER },
  };
  return { ...explanation, text: [...describeExplanation(explanation, { policy, attempt: used })] };
}

/** mayHaveArrived as the attempt's record would say it. */
function mayHaveArrived(outcome: SignalOutcome, verdict: ReturnType<typeof settle>): boolean {
  return outcome.kind === "ambiguous" || (verdict.kind === "dead" && verdict.reason === "unknown");
}

const UNSENT_DETAIL = "no connection could be made";
const UNANSWERED_DETAIL = { timeout: "no answer in time", reset: "the connection was reset" } as const;

function replyOf(answer: ExplainQuestion["answer"]): Reply {
  if (typeof answer === "string") return unansweredOf(answer);
  const headers = Object.entries(answer.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return { kind: "answered", status: answer.status, headers: Object.fromEntries(headers), body: "", cut: false };
}

function unansweredOf(answer: Unanswered): Reply {
  return answer === "unreachable"
    ? { kind: "unsent", detail: UNSENT_DETAIL }
    : { kind: "unanswered", detail: UNANSWERED_DETAIL[answer] };
}
