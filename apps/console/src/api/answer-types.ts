/** What the admin API answers, by its own schemas: only the types are taken over, nothing of their code. */
import type {
  CauseJson,
  CauseList,
  ExplainBody,
  Explanation,
  Overview,
  PlanJson,
  RunItemJson,
  RunJson,
  SeriesAnswer,
  SeriesName,
  SessionJson,
} from "@baton/api";
import type {
  AttemptOutcome,
  CauseState,
  DeadReason,
  HandoffStatus,
  ItemResult,
  Role,
  RunKind,
  RunStatus,
  WaitingFor,
} from "@baton/domain";

export type {
  AdminKeyJson,
  AuditEntryJson,
  ConnectorBody,
  ConnectorJson,
  CreatedAdminKey,
  CreatedToken,
  DeadLetterJson,
  HandoffDetailsJson,
  HandoffJson,
  TokenJson,
  Verification,
} from "@baton/api";
export type {
  AttemptOutcome,
  CauseState,
  DeadReason,
  ExplainBody,
  Explanation,
  HandoffStatus,
  ItemResult,
  Overview,
  Role,
  RunKind,
  RunStatus,
  SeriesName,
  WaitingFor,
};

/** ListPage is one page of a list. */
export interface ListPage<T> {
  readonly items: readonly T[];
  readonly nextCursor?: string;
  readonly total?: number;
}

export type Session = SessionJson;
export type ConnectorFigures = Overview["connectors"][number];
export type MostUrgent = NonNullable<Overview["handoffs"]["mostUrgent"]>;
export type Cause = CauseJson;
export type CausePage = CauseList;
export type Series = SeriesAnswer;
export type Mark = SeriesAnswer["marks"][number];
/** DeadLetterFilter names dead letters as plans and runs take them. */
export type DeadLetterFilter = PlanJson["filter"];
export type Plan = PlanJson;
export type Run = RunJson;
export type RunItem = RunItemJson;
