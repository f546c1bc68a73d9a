/** Explaining an answer of CXone's, by the very functions that decide about real ones. Nothing is sent. */
import { type ExplainQuestion, type Explanation, pickFormattedInstants, type Unanswered } from "@baton/api";
import { type Reply, readSignalOutcome, refusedAccessPart } from "@baton/cxone";
import { BREAKER, type Connector, countsAgainstBreaker, decideSettlement, type SignalOutcome } from "@baton/domain";
import type { ConnectorState } from "@baton/handoffs/read-overview-figures";
import { describeExplanationInSentences } from "./cxone-answer-explanation-text.ts";
import { type ConnectorReader, findConnectorOrRefuse } from "./find-connector-or-refuse.ts";

interface Deps {
  readonly connectors: ConnectorReader;
  readonly figures: { states(connectorIds: readonly string[]): Promise<readonly ConnectorState[]> };
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** ExplainCxOneAnswer throws Refusal `not-found` for a connector that is not there. */
export type ExplainCxOneAnswer = (question: ExplainQuestion) => Promise<Explanation>;

/** MAX_RANDOM is the largest random number below 1: it gives the longest wait. */
const MAX_RANDOM = 1 - Number.EPSILON;

export function createExplainCxOneAnswer({ connectors, figures, now }: Deps): ExplainCxOneAnswer {
  return async (question) => {
    const { connectorId } = question;
    const [{ connector }, [state]] = await Promise.all([
      findConnectorOrRefuse(connectors, connectorId),
      figures.states([connectorId]),
    ]);
    return explainCxOneAnswer(connector, question, { state, now: now() });
  };
}

/** Moment is when it is explained, and how the connector stands then. */
interface Moment {
  readonly state: ConnectorState | undefined;
  readonly now: number;
}

function explainCxOneAnswer(
  connector: Connector,
  { answer, attempt: used, elapsedMs }: ExplainQuestion,
  { state, now }: Moment,
): Explanation {
  const { delivery: policy, cxone: target } = connector;
  const outcome = readSignalOutcome(replyOfAnswer(answer), () => undefined, now);
  const attempt = { used, deadlineAt: now + policy.deadlineMs - elapsedMs };
  const [least, most] = [0, MAX_RANDOM].map((random) => decideSettlement(outcome, policy, attempt, { now, random }));
  if (least === undefined || most === undefined) throw new Error("two verdicts were asked for");
  // The longest wait may end after the deadline where the shortest does not.
  const waits = [least, most].flatMap((verdict) => (verdict.kind === "retry" ? [verdict.waitMs] : []));
  const renews = refusedAccessPart(outcome, target);
  const explanation: Omit<Explanation, "text"> = {
    outcome: outcome.kind,
    ...(renews === undefined ? {} : { renews }),
    next: least.kind,
    ...(least.kind === "dead" ? { reason: least.reason } : {}),
    ...(least.kind === "retry" ? { wait: { leastMs: least.waitMs, mostMs: Math.max(...waits) } } : {}),
    ...("holdMs" in least && least.holdMs !== undefined ? { holdMs: least.holdMs } : {}),
    mayHaveArrived: mayHaveArrived(outcome, least),
    breaker: { counts: countsAgainstBreaker(outcome.kind), ...BREAKER, ...breakerNow(state) },
  };
  return { ...explanation, text: [...describeExplanationInSentences(explanation, { policy, attempt: used })] };
}

function breakerNow(state: ConnectorState | undefined) {
  const { breaker = "closed", breakerSince: since, nextProbeAt } = state ?? {};
  return { state: breaker, ...pickFormattedInstants({ since, nextProbeAt }, ["since", "nextProbeAt"]) };
}

/** mayHaveArrived as the attempt's record would say it. */
function mayHaveArrived(outcome: SignalOutcome, verdict: ReturnType<typeof decideSettlement>): boolean {
  return outcome.kind === "ambiguous" || (verdict.kind === "dead" && verdict.reason === "unknown");
}

const UNSENT_DETAIL = "no connection could be made";
const UNANSWERED_DETAIL = { timeout: "no answer in time", reset: "the connection was reset" } as const;

function replyOfAnswer(answer: ExplainQuestion["answer"]): Reply {
  if (typeof answer === "string") return unansweredOf(answer);
  const headers = Object.entries(answer.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]);
  return { kind: "answered", status: answer.status, headers: Object.fromEntries(headers), body: "", cut: false };
}

function unansweredOf(answer: Unanswered): Reply {
  return answer === "unreachable"
    ? { kind: "unsent", detail: UNSENT_DETAIL }
    : { kind: "unanswered", detail: UNANSWERED_DETAIL[answer] };
}
