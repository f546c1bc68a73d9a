/** Plans and runs as the admin API shows them: many dead letters replayed or discarded by one decision. */
import {
  type DeadReason,
  ITEM_RESULTS,
  PAUSE_CAUSES,
  type Plan,
  RUN_KINDS,
  RUN_OBSTACLES,
  RUN_STATUSES,
  type Run,
  type RunFilter,
  type RunItem,
  SKIP_REASONS,
  type SkipReason,
} from "@baton/domain";
import { z } from "zod";
import { deadReasonSchema, describeWords } from "./handoff-enumerations.ts";
import { handoffSchema, handoffToJson } from "./handoff-schemas.ts";
import { formatInstant, instantSchema, pickFormattedInstants } from "./instant-schemas-and-formatting.ts";
import { namedPageSchemaOf, pageFields } from "./list-page.ts";
import { pickMembers } from "./pick-members.ts";
import { strictObject } from "./strict-object.ts";

const count = z.int();
/** ESTIMATE says what a plan's estimate is made of. */
const ESTIMATE = [
  "How long it takes, if nothing else is to be sent: the longest of `taken` at `ratePerSecond` (20 unless sent) and of",
  "each connector's matched ones at that connector's own `delivery.rate.perSecond`. The 100 connectors with the most",
  "matched ones are looked at; one without a rate does not count. A discard goes at `ratePerSecond` alone.",
].join(" ");
const SKIPS: Readonly<Record<SkipReason, string>> = {
  gone: "its record is no longer kept",
  replayed: "it was replayed after the plan was made",
  discarded: "it was discarded after the plan was made",
  changed: "it was replayed after the plan was made, and died again",
  "may-have-arrived": "its signal may have arrived, and the plan does not include such",
  "contact-ended": "CXone says that its contact has ended",
  "connector-deleted": "its connector has been deleted",
  cancelled: "it was queued again, and taken back while it waited",
  "run-cancelled": "the run was cancelled before it was taken",
  "other-version": "another version of Baton wrote it",
  failed: "Redis could not work on it; the worker's log says why",
};

const runKindSchema = z.enum(RUN_KINDS);
const skipReasonSchema = z.enum(SKIP_REASONS).meta({ id: "SkipReason", description: describeWords(SKIPS) });
const itemResultSchema = z.enum(ITEM_RESULTS).meta({
  id: "RunItemResult",
  description:
    "`waiting`: the run is yet to take it. `replayed`: queued again, and not ended yet. `skipped`: left alone, also by a run that was cancelled before it was taken.",
});

/** shownFilterSchema is a filter in an answer. */
const shownFilterSchema = z
  .object({
    connectorId: z.string().exactOptional(),
    reason: z.array(deadReasonSchema).exactOptional(),
    cause: z.string().exactOptional(),
    contactId: z.string().exactOptional(),
    from: instantSchema.exactOptional(),
    to: instantSchema.exactOptional(),
  })
  .meta({ id: "ShownRunFilter", description: "Which dead letters; empty: all." });

const scopeFields = {
  filter: shownFilterSchema,
  includeUnknown: z.boolean(),
  skipEndedContacts: z.boolean(),
} as const;

/** planSchema is what a run would take, in an answer. */
export const planSchema = z
  .object({
    planId: z.string(),
    kind: runKindSchema,
    ...scopeFields,
    asOf: instantSchema.meta({ description: "What died later is not in it." }),
    expiresAt: instantSchema.meta({ description: "Until then a run can be started from it, one." }),
    matched: count,
    taken: count.meta({
      description:
        "Matched, without those that are left because they may have arrived, and of a replay those whose connector has been deleted.",
    }),
    byReason: z.partialRecord(deadReasonSchema, count).meta({ description: "Matched ones by reason." }),
    byConnector: z
      .record(z.string(), count)
      .meta({ description: "Matched ones by connector, the 1,000 with the most; `other`: all of the rest." }),
    mayHaveArrived: count,
    connectorDeleted: count.exactOptional().meta({
      description:
        "Of a replay: how many are left only because their connector has been deleted. Absent: none. They can be discarded.",
    }),
    olderThan: z
      .array(z.object({ ms: count, count }).meta({ id: "PlanAge" }))
      .meta({ description: "How many matched ones died longer ago than each of these." }),
    estimateMs: count.meta({ description: ESTIMATE }),
    sample: z.array(handoffSchema).meta({ description: "Up to five that it would take, the oldest." }),
  })
  .meta({ id: "Plan", description: "What a run would take, as it was when the plan was made; kept for 15 minutes." });
export type PlanJson = z.output<typeof planSchema>;

/** runSchema is a run in an answer. */
export const runSchema = z
  .object({
    id: z.string(),
    kind: runKindSchema,
    status: z.enum(RUN_STATUSES).meta({
      id: "RunStatus",
      description: "`completed`: every item ended. `cancelled`: no further item is taken.",
    }),
    pausedBecause: z.enum(PAUSE_CAUSES).exactOptional().meta({
      description:
        "`first`: as many as were asked for have ended. `dying`: too many of the last 50 died again. `operator`: an operator paused it.",
    }),
    waitingBecause: z.enum(RUN_OBSTACLES).exactOptional().meta({
      description:
        "Why a running one does not go on now. `no-worker`: no worker runs. `everything-paused`: everything is paused, and a replay waits. `connectors-paused`: each connector that has items left or outstanding is paused.",
    }),
    matched: count,
    replayed: count.meta({ description: "Queued again; the outstanding, delivered and dead again together." }),
    discarded: count,
    skipped: count,
    skippedBecause: z.partialRecord(skipReasonSchema, count),
    outstanding: count.meta({ description: "Queued again and not ended yet." }),
    delivered: count,
    diedAgain: count,
    ratePerSecond: z.number(),
    first: count.exactOptional(),
    stopWhenDying: z.number(),
    deadlineMs: count.exactOptional(),
    note: z.string(),
    ...scopeFields,
    createdBy: z.string().meta({ description: "The name of the admin key." }),
    createdAt: instantSchema,
    endedAt: instantSchema.exactOptional(),
  })
  .meta({ id: "Run", description: "Many dead letters replayed or discarded by one decision." });
export type RunJson = z.output<typeof runSchema>;

/** runListSchema is a page of runs, the newest first. */
export const runListSchema = namedPageSchemaOf(runSchema, "RunList");

/** runItemSchema is one dead letter of a run. */
const runItemSchema = z
  .object({
    handoffId: z.string(),
    result: itemResultSchema,
    because: skipReasonSchema.exactOptional(),
    at: instantSchema.meta({ description: "When it came to that; while it waits, when it died." }),
  })
  .meta({ id: "RunItem", description: "What became of one dead letter of a run." });
export type RunItemJson = z.output<typeof runItemSchema>;

/** runItemListSchema is a page of a run's items: by connector, the oldest first. */
export const runItemListSchema = namedPageSchemaOf(runItemSchema, "RunItemList");
/** runItemSearchSchema is the query of `GET …/{id}/items`. */
export const runItemSearchSchema = strictObject({
  result: itemResultSchema.exactOptional(),
  because: skipReasonSchema.exactOptional().meta({ description: "Skipped ones, for this reason." }),
  ...pageFields,
});

/** planToJson writes a plan for an answer. */
export function planToJson(plan: Plan): PlanJson {
  return {
    ...pickMembers(plan, ["planId", "kind"]),
    ...scopeToJson(plan),
    asOf: formatInstant(plan.asOf),
    expiresAt: formatInstant(plan.expiresAt),
    ...pickMembers(plan, ["matched", "taken", "byReason", "byConnector", "mayHaveArrived", "connectorDeleted"]),
    olderThan: [...plan.olderThan],
    estimateMs: plan.estimateMs,
    sample: plan.sample.map(handoffToJson),
  };
}

/** runToJson writes a run for an answer. */
export function runToJson(run: Run): RunJson {
  return {
    ...pickMembers(run, [
      "id",
      "kind",
      "status",
      "pausedBecause",
      "waitingBecause",
      "matched",
      "replayed",
      "discarded",
      "skipped",
    ]),
    ...pickMembers(run, ["skippedBecause", "outstanding", "delivered", "diedAgain"]),
    ...pickMembers(run, ["ratePerSecond", "first", "stopWhenDying", "deadlineMs", "note"]),
    ...scopeToJson(run),
    createdBy: run.createdBy,
    createdAt: formatInstant(run.createdAt),
    ...pickFormattedInstants(run, ["endedAt"]),
  };
}

/** runItemToJson writes an item for an answer. */
export function runItemToJson(item: RunItem): RunItemJson {
  return { ...pickMembers(item, ["handoffId", "result", "because"]), at: formatInstant(item.at) };
}

function scopeToJson(scope: Pick<Plan, "filter" | "includeUnknown" | "skipEndedContacts">) {
  return { filter: filterToJson(scope.filter), ...pickMembers(scope, ["includeUnknown", "skipEndedContacts"]) };
}

function filterToJson(filter: RunFilter): z.output<typeof shownFilterSchema> {
  const reason: DeadReason[] | undefined = filter.reason === undefined ? undefined : [...filter.reason];
  return {
    ...pickMembers(filter, ["connectorId", "cause", "contactId"]),
    ...(reason === undefined ? {} : { reason }),
    ...pickFormattedInstants(filter, ["from", "to"]),
  };
}
