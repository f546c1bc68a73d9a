/** The client's calls to admin about the whole of Baton: overview, any handoff, pause, series, explain, audit. */
import type { z } from "zod";
import { type AuditEntryJson, auditListSchema, type auditSearchSchema } from "./audit.ts";
import type { SendRequest } from "./client-request.ts";
import { type ExplainBody, type ReceivedExplanation, receivedExplanationSchema } from "./explanation.ts";
import {
  type HandoffDetailsJson,
  type HandoffJson,
  handoffDetailsSchema,
  handoffListSchema,
  handoffSchema,
  type handoffSearchSchema,
} from "./handoff.ts";
import type { Page } from "./list.ts";
import {
  type Overview,
  overviewSchema,
  type PauseBody,
  type Paused,
  pausedSchema,
  type ResumeBody,
} from "./overview.ts";
import { type SeriesAnswer, seriesSchema, type seriesSearchSchema } from "./series.ts";

/** OperationsClient reads the state of everything and any connector's handoffs, and stops and starts everything. */
export interface OperationsClient {
  overview(): Promise<Overview>;
  handoffs(search?: z.input<typeof handoffSearchSchema>): Promise<Page<HandoffJson>>;
  /** Like `get`, with the admin key: any connector's, and what only operators are shown. */
  handoff(id: string): Promise<HandoffDetailsJson>;
  /** Like `cancel`, with the admin key: any connector's. */
  cancelHandoff(id: string): Promise<HandoffJson>;
  /** What happened minute by minute, with marks where an operator changed something. */
  series(search?: z.input<typeof seriesSearchSchema>): Promise<SeriesAnswer>;
  /** What Baton would do about an answer of CXone's; sends nothing. */
  explain(body: ExplainBody): Promise<ReceivedExplanation>;
  /** Stops everything. */
  pause(body?: PauseBody): Promise<Paused>;
  resume(body?: ResumeBody): Promise<Paused>;
  audit(search?: z.input<typeof auditSearchSchema>): Promise<Page<AuditEntryJson>>;
}

/** createOperationsClient makes these calls of a client. */
export function createOperationsClient(request: SendRequest): OperationsClient {
  const pathOf = (id: string) => `admin/v1/handoffs/${encodeURIComponent(id)}`;
  return {
    overview: () => request(overviewSchema, { method: "GET", path: "admin/v1/overview" }),
    handoffs: (query = {}) => request(handoffListSchema, { method: "GET", path: "admin/v1/handoffs", query }),
    handoff: (id) => request(handoffDetailsSchema, { method: "GET", path: pathOf(id) }),
    cancelHandoff: (id) => request(handoffSchema, { method: "POST", path: `${pathOf(id)}/cancel` }),
    series: (query = {}) => request(seriesSchema, { method: "GET", path: "admin/v1/series", query }),
    explain: (body) => request(receivedExplanationSchema, { method: "POST", path: "admin/v1/explain", body }),
    pause: (body = {}) => request(pausedSchema, { method: "POST", path: "admin/v1/pause", body }),
    resume: (body = {}) => request(pausedSchema, { method: "POST", path: "admin/v1/resume", body }),
    audit: (query = {}) => request(auditListSchema, { method: "GET", path: "admin/v1/audit", query }),
  };
}
