/** What the admin API answers, as far as the console reads it. */
import type { AttemptOutcome, DeadReason, HandoffStatus, Role, WaitingFor } from "@baton/domain";

export type {
  AdminKeyJson,
  AuditEntryJson,
  ConnectorBody,
  ConnectorJson,
  CreatedAdminKey,
  CreatedToken,
  DeadLetterJson,
  HandoffJson,
  TokenJson,
  Verification,
} from "@baton/api";
export type { AttemptOutcome, DeadReason, HandoffStatus, Role, WaitingFor };

/** Page is one answer of a list. */
export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
  readonly total?: number;
}

export interface Session {
  readonly name: string;
  readonly role: Role;
  readonly expiresAt: string;
}

export interface ConnectorFigures {
  readonly id: string;
  readonly name: string;
  readonly queued: number;
  readonly due: number;
  readonly sending: number;
  readonly oldestQueuedMs: number | null;
  readonly deadlineUsed?: number | null;
  readonly waitingFor: Readonly<Partial<Record<WaitingFor, number>>>;
  readonly deadLetters: number;
  readonly breaker: "closed" | "open" | "probing";
  readonly breakerSince?: string;
  readonly heldUntil?: string;
  readonly heldSince?: string;
  readonly paused: boolean;
  readonly pausedSince?: string;
  readonly pausedUntil?: string;
  readonly deliveredLastHour: number;
  readonly lastDeliveredAt?: string;
  readonly p50Ms: number | null;
  readonly p99Ms: number | null;
}

export interface MostUrgent {
  readonly id: string;
  readonly connectorId: string;
  readonly deadlineAt: string;
  readonly waitingFor?: WaitingFor | null;
}

export interface Overview {
  readonly asOf: string;
  readonly handoffs: {
    readonly queued: number;
    readonly due: number;
    readonly sending: number;
    readonly oldestQueuedMs: number | null;
    readonly mostUrgent?: MostUrgent;
    readonly willMiss: number;
  };
  readonly deadLetters: {
    readonly total: number;
    readonly lastHour: number;
    readonly byReason: Readonly<Record<DeadReason, number>>;
  };
  readonly workers: number;
  readonly paused: boolean;
  readonly pausedUntil?: string;
  readonly runs: { readonly running: number; readonly paused: number };
  readonly connectorsTotal: number;
  readonly connectors: readonly ConnectorFigures[];
}

export type CauseState = "open" | "acknowledged" | "ignored";

export interface Cause {
  readonly cause: string;
  readonly reason: DeadReason;
  readonly waitingFor?: WaitingFor;
  readonly httpStatus?: number;
  readonly detail: string;
  readonly count: number;
  readonly lastHour: number;
  readonly connectors: readonly string[];
  readonly connectorsTotal?: number;
  readonly firstAt: string;
  readonly lastAt: string;
  readonly sampleId: string;
  readonly state: CauseState;
  readonly note?: string;
  readonly by?: string | { readonly id: string; readonly name: string };
  readonly cameBack?: boolean;
}

export type SeriesName = "accepted" | "delivered" | "dead" | "expired" | "queued" | "p50" | "p99";

export interface Mark {
  readonly at: string;
  readonly action: string;
  readonly actor: { readonly id: string; readonly name: string } | string;
  readonly targetId?: string;
}

export interface Series {
  readonly from: string;
  readonly stepMs: number;
  readonly series: readonly { readonly name: SeriesName; readonly points: readonly (number | null)[] }[];
  readonly marks: readonly Mark[];
}

export type RunKind = "replay" | "discard";
export type RunStatus = "running" | "paused" | "completed" | "cancelled";

/** DeadLetterFilter names dead letters as plans and runs take them. */
export interface DeadLetterFilter {
  readonly connectorId?: string;
  readonly reason?: readonly DeadReason[];
  readonly cause?: string;
  readonly contactId?: string;
  readonly from?: string;
  readonly to?: string;
}

export interface Plan {
  readonly planId: string;
  readonly kind: RunKind;
  readonly filter: DeadLetterFilter;
  readonly asOf: string;
  readonly expiresAt: string;
  readonly matched: number;
  readonly taken: number;
  readonly byReason: Readonly<Partial<Record<DeadReason, number>>>;
  readonly byConnector: Readonly<Record<string, number>> | readonly { connectorId: string; count: number }[];
  readonly mayHaveArrived: number;
  readonly olderThan: readonly { readonly ms: number; readonly count: number }[];
  readonly estimateMs: number;
  readonly sample: readonly import("@baton/api").HandoffJson[];
}

export interface Run {
  readonly id: string;
  readonly kind: RunKind;
  readonly status: RunStatus;
  readonly pausedBecause?: "operator" | "first" | "dying";
  readonly matched: number;
  readonly replayed: number;
  readonly discarded: number;
  readonly skipped: number;
  readonly skippedBecause: Readonly<Record<string, number>>;
  readonly outstanding: number;
  readonly delivered: number;
  readonly diedAgain: number;
  readonly ratePerSecond: number;
  readonly note: string;
  readonly filter: DeadLetterFilter;
  readonly createdBy: string | { readonly id: string; readonly name: string };
  readonly createdAt: string;
  readonly endedAt?: string;
}

export type ItemResult = "waiting" | "replayed" | "delivered" | "died-again" | "discarded" | "skipped";

export interface RunItem {
  readonly handoffId: string;
  readonly result: ItemResult;
  readonly because?: string;
  readonly at?: string;
}
