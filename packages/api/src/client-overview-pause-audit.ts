/** The client's calls to admin about the whole of Baton: overview, series, the pause of everything, audit. */
import type { z } from "zod";
import { type AuditEntryJson, auditListSchema, type auditSearchSchema } from "./audit-entry-schema.ts";
import type { SendRequest } from "./client-http-request.ts";
import type { Page } from "./list-page.ts";
import { type SeriesAnswer, seriesSchema, type seriesSearchSchema } from "./minute-series.ts";
import {
  type Overview,
  overviewSchema,
  type PauseBody,
  type Paused,
  pausedSchema,
  type ResumeBody,
} from "./overview-schema.ts";

/** OverviewPauseAuditClient reads the state of everything and who changed what, and stops and starts everything. */
export interface OverviewPauseAuditClient {
  overview(): Promise<Overview>;
  /** What happened minute by minute, with marks where an operator changed something. */
  series(search?: z.input<typeof seriesSearchSchema>): Promise<SeriesAnswer>;
  /** Stops everything. */
  pause(body?: PauseBody): Promise<Paused>;
  resume(body?: ResumeBody): Promise<Paused>;
  audit(search?: z.input<typeof auditSearchSchema>): Promise<Page<AuditEntryJson>>;
}

/** createOverviewPauseAuditClient makes these calls of a client. */
export function createOverviewPauseAuditClient(request: SendRequest): OverviewPauseAuditClient {
  return {
    overview: () => request(overviewSchema, { method: "GET", path: "admin/v1/overview" }),
    series: (query = {}) => request(seriesSchema, { method: "GET", path: "admin/v1/series", query }),
    pause: (body = {}) => request(pausedSchema, { method: "POST", path: "admin/v1/pause", body }),
    resume: (body = {}) => request(pausedSchema, { method: "POST", path: "admin/v1/resume", body }),
    audit: (query = {}) => request(auditListSchema, { method: "GET", path: "admin/v1/audit", query }),
  };
}
