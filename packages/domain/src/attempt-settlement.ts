/**
 * The outcome of one signal, and its settlement: what that means for the handoff. CXone's client says which answer is
 * which outcome.
 */

import { backoffMs, backoffMsAtLeastRetryAfter } from "./backoff.ts";
import type { DeliveryPolicy } from "./connector.ts";
import type { DeadReason } from "./handoff.ts";

/**
 * SignalOutcome is how CXone answered the signal, or why that is not known.
 *
 * `httpStatus` is the last answer's; `detail` is CXone's own text, capped and redacted; `retryAfterMs` is the
 * `Retry-After` header in milliseconds from now (absent when CXone sent none).
 */
export type SignalOutcome =
  | { readonly kind: "accepted"; readonly httpStatus: number }
  | { readonly kind: "rejected" | "redirected"; readonly httpStatus: number; readonly detail?: string }
  | {
      readonly kind: "unauthorized";
      readonly httpStatus: number;
      readonly detail?: string;
      /**
       * `refused`: no renewal was allowed, or the renewed token was refused too. `pending`: the token endpoint had no
       * answer.
       */
      readonly renewal: "refused" | "pending";
    }
  | {
      readonly kind: "throttled" | "unavailable";
      readonly httpStatus: number;
      readonly retryAfterMs?: number;
      readonly detail?: string;
    }
  | { readonly kind: "unreachable"; readonly detail: string }
  | { readonly kind: "ambiguous"; readonly httpStatus?: number; readonly detail?: string };

/** SentAttempt is the attempt that the outcome belongs to. Instants are epoch milliseconds on Redis's clock. */
interface SentAttempt {
  /** How many attempts of this budget are used, this one included; counts from 1. */
  readonly used: number;
  readonly deadlineAt: number;
}

/** Moment is when and with which random number a settlement is decided: `random` is in [0, 1). */
export interface Moment {
  readonly now: number;
  readonly random: number;
}

/**
 * Settlement is the verdict on an attempt.
 *
 * `retry`: another attempt after `waitMs`; `counted` says whether this one used up a part of the budget; `waitingFor:
 * token` waits until another process has renewed the token. `holdMs`, when present, keeps the whole
 * connector still for that long (CXone's `Retry-After`, at most `maxHoldMs`).
 */
export type Settlement =
  | { readonly kind: "delivered" }
  | {
      readonly kind: "retry";
      readonly waitMs: number;
      readonly waitingFor: "retry" | "token";
      readonly counted: boolean;
      readonly holdMs?: number;
    }
  | { readonly kind: "dead"; readonly reason: DeadReason; readonly holdMs?: number };

/** decideSettlement decides what follows an outcome. Never throws. */
export function decideSettlement(
  outcome: SignalOutcome,
  policy: DeliveryPolicy,
  attempt: SentAttempt,
  moment: Moment,
): Settlement {
  switch (outcome.kind) {
    case "accepted":
      return { kind: "delivered" };
    case "rejected":
      return { kind: "dead", reason: "rejected" };
    case "redirected":
      return { kind: "dead", reason: "configuration" };
    case "unauthorized":
      return outcome.renewal === "refused"
        ? { kind: "dead", reason: "credentials" }
        : retryOnceTokenIsRenewed(policy, attempt, moment);
    case "throttled":
      return retryUnlessOver(policy, attempt, moment, outcome.retryAfterMs);
    case "unavailable":
      return outcome.retryAfterMs === undefined && policy.guarantee === "at-most-once"
        ? { kind: "dead", reason: "unknown" }
        : retryUnlessOver(policy, attempt, moment, outcome.retryAfterMs);
    case "unreachable":
      return retryUnlessOver(policy, attempt, moment);
    case "ambiguous":
      return policy.guarantee === "at-most-once"
        ? { kind: "dead", reason: "unknown" }
        : retryUnlessOver(policy, attempt, moment);
  }
}

/** retryUnlessOver tries once more, unless the budget or the caller's patience is used up by then. */
function retryUnlessOver(
  policy: DeliveryPolicy,
  attempt: SentAttempt,
  moment: Moment,
  retryAfterMs?: number,
): Settlement {
  const hold = retryAfterMs === undefined ? {} : { holdMs: Math.min(retryAfterMs, policy.maxHoldMs) };
  if (attempt.used >= policy.maxAttempts) return { kind: "dead", reason: "exhausted", ...hold };
  const waitMs =
    retryAfterMs === undefined
      ? backoffMs(policy.backoff, attempt.used, moment.random)
      : backoffMsAtLeastRetryAfter(retryAfterMs, policy.backoff, attempt.used, moment.random);
  if (moment.now + waitMs > attempt.deadlineAt) return { kind: "dead", reason: "expired", ...hold };
  return { kind: "retry", waitMs, waitingFor: "retry", counted: true, ...hold };
}

/**
 * retryOnceTokenIsRenewed hands the attempt back: CXone processed nothing, and the identity service is down, not the
 * handoff.
 */
function retryOnceTokenIsRenewed(policy: DeliveryPolicy, attempt: SentAttempt, moment: Moment): Settlement {
  const waitMs = backoffMs(policy.backoff, attempt.used, moment.random);
  if (moment.now + waitMs > attempt.deadlineAt) return { kind: "dead", reason: "expired" };
  return { kind: "retry", waitMs, waitingFor: "token", counted: false };
}
