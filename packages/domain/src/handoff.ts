/** A handoff: the request to signal one CXone contact, with up to nine parameters and a deadline. */

export const HANDOFF_STATUSES = ["queued", "sending", "delivered", "dead", "cancelled", "discarded"] as const;
/** HandoffStatus is where a handoff stands; docs/state-machine.md draws every legal arrow. */
export type HandoffStatus = (typeof HANDOFF_STATUSES)[number];

export const WAITING_FOR = [
  "delay",
  "retry",
  "rate",
  "share",
  "breaker",
  "throttle",
  "token",
  "keys",
  "order",
  "pause",
] as const;
/** WaitingFor is the condition that holds a queued handoff back. */
export type WaitingFor = (typeof WAITING_FOR)[number];

/** NoSlotReason is why no slot is left before a deadline: the rate, or what closes the connector's gate past it. */
export type NoSlotReason = Extract<WaitingFor, "rate" | "pause" | "token" | "breaker" | "throttle">;

const NO_SLOT: Readonly<Record<NoSlotReason, string>> = {
  rate: "the connector's rate leaves no slot before this deadline",
  pause: "the connector is paused until after this deadline",
  token: "CXone issues no access token until after this deadline, as far as is known",
  breaker: "CXone fails, and is tried again only after this deadline",
  throttle: "CXone asked for no signals until after this deadline",
};

/** describeNoSlotBeforeDeadline says it to the caller that is refused. */
export function describeNoSlotBeforeDeadline(reason: NoSlotReason): string {
  return NO_SLOT[reason];
}

export const DEAD_REASONS = ["rejected", "expired", "exhausted", "unknown", "credentials", "configuration"] as const;
/** DeadReason is why a handoff ended without CXone accepting it. */
export type DeadReason = (typeof DEAD_REASONS)[number];

export const ATTEMPT_OUTCOMES = [
  "accepted",
  "rejected",
  "unauthorized",
  "throttled",
  "unavailable",
  "unreachable",
  "ambiguous",
  "interrupted",
  "redirected",
] as const;
/** AttemptOutcome is how one try to send the signal ended; attempt-settlement.ts says what follows from each. */
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

/** Attempt is one line of a handoff's attempt log: a try that has ended. `startedAt` is epoch milliseconds. */
export interface Attempt {
  /** Counts from 1 and goes on through replays. */
  readonly number: number;
  readonly startedAt: number;
  /** Absent where the end is not known: the worker died. */
  readonly durationMs?: number;
  readonly outcome: AttemptOutcome;
  readonly httpStatus?: number;
  /** CXone's words, capped and redacted; never a parameter, a context or a secret. */
  readonly detail?: string;
  /** How long CXone asked to wait (`Retry-After`), where it did. */
  readonly retryAfterMs?: number;
}

/**
 * Handoff is what everyone may know of a handoff. Parameters and context are never in it.
 * Instants are epoch milliseconds.
 */
export interface Handoff {
  readonly id: string;
  readonly connectorId: string;
  readonly accountId: string;
  readonly projectId: string;
  readonly environment: string;
  readonly contactId: string;
  readonly callId?: string;
  readonly sharedId?: string;
  readonly status: HandoffStatus;
  readonly reason?: DeadReason;
  /** What a queued handoff waits for; null when it is free to go. Absent once it is no longer queued. */
  readonly waitingFor?: WaitingFor | null;
  readonly acceptedAt: number;
  readonly deadlineAt: number;
  readonly nextAttemptAt?: number;
  readonly endedAt?: number;
  readonly attempts: readonly Attempt[];
  /**
   * Some attempt was ambiguous or interrupted, or its answer ended the handoff as `unknown`: the signal may have
   * reached the contact.
   */
  readonly mayHaveArrived: boolean;
  /** Another request was sent after one that may have arrived. */
  readonly possibleDuplicate: boolean;
  readonly replays: number;
}

/**
 * SenderAnswer is what the request that brought a handoff was answered last. It is known where the sender waited for
 * the handoff's end, or for the answer longer than usual.
 */
export interface SenderAnswer {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly status: number;
  /** How long the sender waited for it. */
  readonly afterMs: number;
  /** For how long it asked to wait (`Prefer: wait`), where it did. */
  readonly waitMs?: number;
}

/** hasEnded says whether nothing more will be sent for a handoff unless it is replayed. */
export function hasEnded(status: HandoffStatus): boolean {
  switch (status) {
    case "queued":
    case "sending":
      return false;
    case "delivered":
    case "dead":
    case "cancelled":
    case "discarded":
      return true;
  }
}

/**
 * FENCE_MS is how long after an attempt's latest end another worker calls it interrupted: time for a late settle to
 * arrive.
 */
export const FENCE_MS = 2_000;

/** Correlation is what a caller's own logs and traces know a request by. */
export interface Correlation {
  /** `X-Request-Id` as it came, or as it was made: 1 to 128 printable ASCII characters. */
  readonly requestId?: string;
  /** `traceparent` as it came: 55 characters of W3C's Trace Context. */
  readonly traceparent?: string;
}

/**
 * DEADLINE_AT_RISK is how much of its time a handoff may have used before an operator must look, 0 to 1: as the alert
 * BatonDeadlineAtRisk has it.
 */
export const DEADLINE_AT_RISK = 0.5;
