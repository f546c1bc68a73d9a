/**
 * The enumerations of a handoff: its states, reasons and outcomes, each word with what it means; components of both
 * documents.
 */
import {
  ATTEMPT_OUTCOMES,
  type AttemptOutcome,
  DEAD_REASONS,
  type DeadReason,
  HANDOFF_STATUSES,
  type HandoffStatus,
  WAITING_FOR,
  type WaitingFor,
} from "@baton/domain";
import { z } from "zod";

const STATUSES: Readonly<Record<HandoffStatus, string>> = {
  queued: "waits for its turn, or for the next attempt",
  sending: "an attempt is being made",
  delivered: "CXone answered 2xx to the signal; it is never said that a Studio script acted on it",
  dead: "ended without CXone accepting it; `reason` says why",
  cancelled: "taken back while it was queued",
  discarded: "was dead, and an operator put it away",
};

const REASONS: Readonly<Record<DeadReason, string>> = {
  rejected: "CXone refused this contact or these parameters",
  expired: "its deadline passed",
  exhausted: "its attempts are used up",
  unknown: "sent, without an answer to be trusted, and the connector asks for at-most-once",
  credentials: "CXone refuses the connector's keys",
  configuration: "a host that is not allowed, a redirect, or a discovery that names no API",
};

const CONDITIONS: Readonly<Record<WaitingFor, string>> = {
  delay: "its `delayMs`",
  retry: "the time between two attempts",
  rate: "the connector's rate",
  share: "a place among the connector's handoffs in flight",
  breaker: "CXone to recover: too many attempts failed",
  throttle: "CXone's `Retry-After`, and then the handoff that probes whether it is over",
  token: "an access token: CXone's identity service gives none",
  keys: "a worker whose key ring has the key that sealed the credentials or the parameters",
  order: "an earlier handoff of the same contact",
  pause: "an operator, who paused the connector or everything",
};

const OUTCOMES: Readonly<Record<AttemptOutcome, string>> = {
  accepted: "CXone answered 2xx",
  rejected: "CXone refused the contact or the parameters",
  unauthorized: "CXone refused the token",
  throttled: "CXone asked to slow down",
  unavailable: "CXone answered 503",
  unreachable: "nothing was sent",
  ambiguous: "sent, without an answer to be trusted",
  interrupted: "the worker died meanwhile; the signal may have been sent",
  redirected: "CXone answered with a redirect, which is not followed",
};

export const handoffStatusSchema = z
  .enum(HANDOFF_STATUSES)
  .meta({ id: "HandoffStatus", description: describeWords(STATUSES) });
export const deadReasonSchema = z.enum(DEAD_REASONS).meta({ id: "DeadReason", description: describeWords(REASONS) });
export const waitingForSchema = z.enum(WAITING_FOR).meta({ id: "WaitingFor", description: describeWords(CONDITIONS) });
export const attemptOutcomeSchema = z
  .enum(ATTEMPT_OUTCOMES)
  .meta({ id: "AttemptOutcome", description: describeWords(OUTCOMES) });

/** describeWords lists the words of an enumeration, each with what it means. */
export function describeWords(meanings: Readonly<Record<string, string>>): string {
  return Object.entries(meanings)
    .map(([word, meaning]) => `- \`${word}\`: ${meaning}`)
    .join("\n");
}
