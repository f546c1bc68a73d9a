/** What a handoff waits for, in words. */
import type { WaitingFor } from "../api/answer-types.ts";

const REASON_WORDS: Readonly<Record<WaitingFor, string>> = {
  delay: "waits for the delay that its sender asked for",
  retry: "waits for its next attempt",
  rate: "waits for the connector's rate",
  share: "waits for a place among the connector's handoffs in flight",
  breaker: "waits for the breaker: too many signals failed",
  throttle: "waits because CXone asked to slow down",
  token: "waits for an access token of CXone",
  keys: "waits for a worker that has the key which sealed it",
  order: "waits behind an earlier handoff of the same contact",
  pause: "waits because an operator paused it",
};

/** describeWaitingReason says what a queued handoff waits for: if for nothing else, for a worker. */
export function describeWaitingReason(waitingFor: WaitingFor | null | undefined): string {
  return waitingFor == null ? "waits for a free worker" : REASON_WORDS[waitingFor];
}

const SHORT_REASON_WORDS: Readonly<Record<WaitingFor, string>> = {
  delay: "delay",
  retry: "next attempt",
  rate: "rate",
  share: "place in flight",
  breaker: "breaker",
  throttle: "CXone's Retry-After",
  token: "access token",
  keys: "sealing key",
  order: "earlier handoff",
  pause: "pause",
};

/** shortWaitingReason says the same in a word or two. */
export function shortWaitingReason(waitingFor: WaitingFor): string {
  return SHORT_REASON_WORDS[waitingFor];
}
