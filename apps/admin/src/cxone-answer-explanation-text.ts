/** An explanation in words: what the answer means, what follows, when, and what the breaker makes of it. */
import type { Explanation } from "@baton/api";
import type { DeadReason, DeliveryPolicy } from "@baton/domain";

/** AttemptUnderPolicy is the number of the attempt that is explained, and the policy that says what follows it. */
interface AttemptUnderPolicy {
  readonly policy: DeliveryPolicy;
  readonly attempt: number;
}

type ExplanationFacts = Omit<Explanation, "text">;

const MEANING: Readonly<Record<Explanation["outcome"], string>> = {
  accepted: "CXone took the signal. That says nothing of what its Studio script does with it.",
  rejected: "CXone refuses this contact or these parameters. Sending the same again would be refused again.",
  unauthorized: "CXone refuses the token.",
  throttled: "CXone asks for fewer requests.",
  unavailable: "CXone says that it is not available now.",
  unreachable: "Nothing was sent: CXone could not be reached.",
  ambiguous: "Sent, but without an answer that can be trusted: the signal may have arrived.",
  redirected: "CXone sends the request elsewhere. Baton follows no redirect with a token.",
};

const DEATH: Readonly<Record<DeadReason, string>> = {
  rejected: "It is dead, `rejected`: correct the contact or the parameters and send it anew.",
  expired: "It is dead, `expired`: the next attempt would come after the deadline.",
  exhausted: "It is dead, `exhausted`: the connector's attempts are used up.",
  unknown: "It is dead, `unknown`: the connector asks for at-most-once, so it is not sent again.",
  credentials: "It is dead, `credentials`: correct the connector's keys, then replay.",
  configuration: "It is dead, `configuration`: correct the connector's addresses, then replay.",
};

const RENEWAL = {
  token:
    "First the token is renewed, forced so at most once in 30 s, and the signal is sent once more within the same attempt. If that is refused too:",
  address:
    "First the API's address is looked up anew, at most once in 30 s, and a changed one is tried within the same attempt. If that is refused too:",
} as const;

/** describeExplanationInSentences gives a sentence or two for each thing worth knowing. */
export function describeExplanationInSentences(
  explained: ExplanationFacts,
  attempt: AttemptUnderPolicy,
): readonly string[] {
  return [
    MEANING[explained.outcome],
    ...(explained.renews === undefined ? [] : [RENEWAL[explained.renews]]),
    describeNext(explained, attempt),
    ...(explained.holdMs === undefined ? [] : [describeHold(explained.holdMs, attempt.policy)]),
    describeBreaker(explained.breaker),
    ...describeBreakerNow(explained.breaker),
  ];
}

function describeNext({ next, reason, wait }: ExplanationFacts, { policy, attempt }: AttemptUnderPolicy): string {
  if (next === "delivered") return "It is delivered, and never sent again.";
  if (reason !== undefined) return DEATH[reason];
  const { leastMs, mostMs } = wait ?? { leastMs: 0, mostMs: 0 };
  const left = policy.maxAttempts - attempt;
  return `It is tried again in ${inSeconds(leastMs)} to ${inSeconds(mostMs)}; ${left} of ${policy.maxAttempts} attempts are left.`;
}

function describeHold(holdMs: number, { maxHoldMs }: DeliveryPolicy): string {
  return `The whole connector sends nothing for ${inSeconds(holdMs)} (at most its maxHoldMs, ${inSeconds(maxHoldMs)}); then one handoff at a time tries, and the first 2xx lets all go.`;
}

function describeBreaker({
  counts,
  minRequests,
  failureRatio,
  windowMs,
  openMs,
  maxOpenMs,
}: ExplanationFacts["breaker"]): string {
  if (!counts) return "It does not count against the breaker.";
  return `It counts against the breaker, which opens at ${minRequests} requests or more in ${inSeconds(windowMs)} with ${failureRatio * 100} % failing, for ${inSeconds(openMs)} at first and ${inSeconds(maxOpenMs)} at most.`;
}

/** describeBreakerNow says how the connector's breaker stands; nothing where it is closed. */
function describeBreakerNow({ state, since, nextProbeAt }: ExplanationFacts["breaker"]): readonly string[] {
  if (state === "closed") return [];
  const begun = since === undefined ? "" : ` since ${since}`;
  if (state === "open") return [`Now the connector's breaker is open${begun}: the next probe is at ${nextProbeAt}.`];
  const probe =
    nextProbeAt === undefined ? "the next handoff probes CXone" : `a handoff probes CXone until ${nextProbeAt}`;
  return [`Now the connector's breaker is open${begun}: ${probe}.`];
}

function inSeconds(ms: number): string {
  return `${Math.round(ms / 10) / 100} s`;
}
