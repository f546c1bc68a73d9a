/** The client's calls to admin about plans and runs. */
import type { RunKind } from "@baton/domain";
import type { z } from "zod";
import type { SendRequest } from "./client-http-request.ts";
import type { SendOptions } from "./client-ingress-handoffs.ts";
import type { Page, PageSearch } from "./list-page.ts";
import {
  type PlanJson,
  planSchema,
  type RunItemJson,
  type RunJson,
  runItemListSchema,
  type runItemSearchSchema,
  runListSchema,
  runSchema,
} from "./plan-and-run-schemas.ts";
import type { RunNote, runBodySchema, runPatchSchema } from "./run-request-bodies.ts";

/** RunClient plans, starts, lists and changes runs. */
export interface RunClient {
  /** What a run would take, or with `planId` what an earlier plan said; nothing is replayed or discarded. */
  planRun(kind: RunKind, body: z.input<typeof runBodySchema>): Promise<PlanJson>;
  /** Starts a plan, or a filter that is planned first. The key makes a repeat safe. */
  startRun(
    kind: RunKind,
    body: z.input<typeof runBodySchema>,
    options?: Pick<SendOptions, "idempotencyKey">,
  ): Promise<RunJson>;
  runs(kind: RunKind, search?: PageSearch): Promise<Page<RunJson>>;
  run(kind: RunKind, id: string): Promise<RunJson>;
  runItems(kind: RunKind, id: string, search?: z.input<typeof runItemSearchSchema>): Promise<Page<RunItemJson>>;
  changeRun(kind: RunKind, id: string, change: z.input<typeof runPatchSchema>): Promise<RunJson>;
  pauseRun(kind: RunKind, id: string, body?: RunNote): Promise<RunJson>;
  resumeRun(kind: RunKind, id: string, body?: RunNote): Promise<RunJson>;
  cancelRun(kind: RunKind, id: string, body?: RunNote): Promise<RunJson>;
}

/** MAX_PLAN_MS: a million dead letters are looked through and counted. */
const MAX_PLAN_MS = 120_000;

/** createRunClient makes these calls of a client. */
export function createRunClient(request: SendRequest): RunClient {
  const listPath = (kind: RunKind) => `admin/v1/${kind}s`;
  const pathOf = (kind: RunKind, id: string) => `${listPath(kind)}/${encodeURIComponent(id)}`;
  const post =
    (action: "pause" | "resume" | "cancel") =>
    (kind: RunKind, id: string, body: RunNote = {}) =>
      request(runSchema, { method: "POST", path: `${pathOf(kind, id)}/${action}`, body });
  return {
    planRun: (kind, body) =>
      request(planSchema, {
        method: "POST",
        path: listPath(kind),
        body: { ...body, dryRun: true },
        extraMs: MAX_PLAN_MS,
      }),
    startRun: (kind, body, { idempotencyKey } = {}) =>
      request(runSchema, { method: "POST", path: listPath(kind), body, idempotencyKey, extraMs: MAX_PLAN_MS }),
    runs: (kind, query = {}) => request(runListSchema, { method: "GET", path: listPath(kind), query }),
    run: (kind, id) => request(runSchema, { method: "GET", path: pathOf(kind, id) }),
    runItems: (kind, id, query = {}) =>
      request(runItemListSchema, { method: "GET", path: `${pathOf(kind, id)}/items`, query }),
    changeRun: (kind, id, body) => request(runSchema, { method: "PATCH", path: pathOf(kind, id), body }),
    pauseRun: post("pause"),
    resumeRun: post("resume"),
    cancelRun: post("cancel"),
  };
}
