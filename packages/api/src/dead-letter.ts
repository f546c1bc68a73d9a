/** Dead letters: handoffs that ended without CXone accepting them, one by one and grouped by cause. */
import { CAUSE_STATES, type CauseGroup, type CauseState, type Handoff } from "@baton/domain";
import { z } from "zod";
import { deadReasonSchema, waitingForSchema } from "./handoff-enumerations.ts";
import { contactIdSchema, deadlineMsSchema } from "./handoff-request-body.ts";
import { handoffSchema, handoffToJson } from "./handoff-schemas.ts";
import {
  formatInstant,
  instantInputSchema,
  instantSchema,
  pickFormattedInstants,
} from "./instant-schemas-and-formatting.ts";
import { PAGE_DESCRIPTION, pageFields, pageSchemaOf } from "./list-page.ts";
import { pickMembers } from "./pick-members.ts";
import { strictObject } from "./strict-object.ts";
import { isBlank } from "./text-fields.ts";

/** MAX_NOTE_LENGTH of an operator's note, characters: a paragraph, not a document. */
const MAX_NOTE_LENGTH = 1_000;

/** C0 but tabs and line breaks, DEL and C1: a terminal that shows a note would obey some of them. */
const NO_CONTROL_CHARACTERS_BUT_LINES = /^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$/;

/**
 * noteSchema is why an operator did it; kept in the audit. It may be empty, but not blanks alone; of control characters
 * it takes tabs and line breaks.
 */
export const noteSchema = z
  .string()
  .max(MAX_NOTE_LENGTH)
  .regex(NO_CONTROL_CHARACTERS_BUT_LINES, { error: "send no control characters but tabs and line breaks" })
  .refine((note) => note === "" || !isBlank(note), { error: "send words, not blanks alone" })
  .meta({ description: "Why; kept in the audit.", examples: ["CXone is repaired"] });

/** deadLetterFilterFields are the filters by which dead letters are listed and taken by runs, beside the reason. */
export const deadLetterFilterFields = {
  cause: z
    .string()
    .min(1)
    .exactOptional()
    .meta({ description: "A fingerprint from GET /admin/v1/dead-letters/causes." }),
  contactId: contactIdSchema.exactOptional(),
  from: instantInputSchema.exactOptional().meta({ description: "Died at this instant or later." }),
  to: instantInputSchema.exactOptional().meta({ description: "Died before this instant." }),
} as const;

/**
 * deadLetterSearchSchema is the query of `GET /admin/v1/dead-letters`; every filter given must fit. `from` and `to`
 * come out as epoch milliseconds.
 */
export const deadLetterSearchSchema = strictObject({
  connectorId: z.string().min(1).exactOptional(),
  reason: deadReasonSchema.exactOptional(),
  ...deadLetterFilterFields,
  mayHaveArrived: z
    .enum(["true", "false"])
    .transform((word) => word === "true")
    .exactOptional()
    .meta({
      description:
        "`true`: those whose signal may have arrived, which a plan takes only with `includeUnknown`; `false`: the others.",
    }),
  ...pageFields,
});
export type DeadLetterSearch = z.output<typeof deadLetterSearchSchema>;

/** deadLetterSchema is a dead handoff with what it died of and when. */
const deadLetterSchema = handoffSchema
  .extend({ cause: z.string().meta({ description: "Fingerprint of failures that are alike." }), diedAt: instantSchema })
  .meta({ id: "DeadLetter", description: "A dead handoff, what it died of and when." });
export type DeadLetterJson = z.output<typeof deadLetterSchema>;

/** deadLetterListSchema is a page of dead letters, newest first. */
export const deadLetterListSchema = pageSchemaOf(deadLetterSchema)
  .extend({
    total: z
      .int()
      .exactOptional()
      .meta({ description: "Exact, over all pages; given without filter and for connector, reason, both, or cause." }),
  })
  .meta({ id: "DeadLetterList", description: PAGE_DESCRIPTION });
export type DeadLetterList = z.output<typeof deadLetterListSchema>;

/** deadLetterToJson writes a dead letter for an answer; `diedAt` is epoch milliseconds. */
export function deadLetterToJson(
  handoff: Handoff,
  death: { readonly cause: string; readonly diedAt: number },
): DeadLetterJson {
  return { ...handoffToJson(handoff), cause: death.cause, diedAt: formatInstant(death.diedAt) };
}

/** Cause is a group of dead letters, and what operators have made of it. Instants are epoch milliseconds. */
export interface Cause extends Omit<CauseGroup, "beganAt"> {
  readonly state: CauseState;
  /** What operators noted about it, and whose note it is. */
  readonly note?: string;
  readonly by?: string;
  /** When it was said. */
  readonly changedAt?: number;
  /** Since when it is open again by itself. */
  readonly reopenedAt?: number;
}

const causeStateSchema = z.enum(CAUSE_STATES).meta({
  id: "CauseState",
  description:
    "`open`: not looked at yet; `acknowledged`: an operator works on it; `ignored`: known, and needs nothing.",
});

/** CAUSE_SORTS are the orders in which causes are listed. */
export const CAUSE_SORTS = ["count", "lastHour", "latest"] as const;
export type CauseSort = (typeof CAUSE_SORTS)[number];

/** causeSearchSchema is the query of `GET /admin/v1/dead-letters/causes`. */
export const causeSearchSchema = strictObject({
  connectorId: z.string().min(1).exactOptional(),
  state: causeStateSchema.exactOptional(),
  sort: z.enum(CAUSE_SORTS).default("count").meta({
    description:
      "Which come first: `count`, those with most dead letters; `lastHour`, with most that died within the last hour; `latest`, whose last dead letter is the newest. Send the same with a cursor.",
  }),
  ...pageFields,
});

/** causePatchSchema is the body of `PATCH /admin/v1/dead-letters/causes/{cause}`. */
export const causePatchSchema = strictObject({
  state: causeStateSchema.exactOptional(),
  note: noteSchema.exactOptional().meta({
    description: "For the operator who is on call next; an empty one removes it.",
    examples: ["CXone case 4711"],
  }),
})
  .refine(({ state, note }) => state !== undefined || note !== undefined, { error: "send a state, a note, or both" })
  .meta({
    id: "CausePatch",
    description: "What the operators make of a cause.",
    examples: [{ state: "acknowledged", note: "CXone case 4711; keys come at 9" }],
  });
export type CausePatch = z.output<typeof causePatchSchema>;

/** causeSchema is a group of failures in an answer. */
export const causeSchema = z
  .object({
    cause: z.string(),
    reason: deadReasonSchema,
    waitingFor: waitingForSchema.exactOptional(),
    httpStatus: z.int().exactOptional(),
    detail: z.string(),
    count: z.int().meta({ description: "Dead letters of this cause." }),
    lastHour: z.int().meta({ description: "How many of them died within the last hour." }),
    perTenMinutes: z.array(z.int()).meta({
      description:
        "How many of them died in each ten minutes of the last hour, the oldest first: six numbers, of which `lastHour` is the sum.",
    }),
    connectors: z
      .array(z.string())
      .meta({ description: "Ids of the connectors that had it, the latest first, at most 100 of them." }),
    connectorsTotal: z.int().meta({ description: "How many connectors had it." }),
    firstAt: instantSchema,
    lastAt: instantSchema,
    sampleId: z.string().meta({ description: "The id of one such handoff." }),
    state: causeStateSchema,
    note: z.string().exactOptional().meta({ description: "What operators noted about it." }),
    by: z.string().exactOptional().meta({ description: "Who changed state or note last: the admin key's name." }),
    changedAt: instantSchema.exactOptional().meta({ description: "When that was." }),
    reopenedAt: instantSchema
      .exactOptional()
      .meta({ description: "It came back: it was empty, and since then there are dead letters of it anew." }),
  })
  .meta({
    id: "Cause",
    description: "Failures that are alike: an outage is one row with a count.",
    examples: [
      {
        cause: "unavailable-503",
        reason: "expired",
        httpStatus: 503,
        detail: "Service Unavailable",
        count: 128,
        lastHour: 17,
        perTenMinutes: [0, 0, 2, 9, 4, 2],
        connectors: ["cn_0001JD9X4A6P3S8TZN5GHWMK2D"],
        connectorsTotal: 1,
        firstAt: "2026-11-23T10:15:30.123Z",
        lastAt: "2026-11-23T10:19:02.904Z",
        sampleId: "ho_0001JD9X5T2M7Q4RZK8WVNB3CY",
        state: "acknowledged",
        note: "CXone case 4711; keys come at 9",
        by: "Ana, on call",
        changedAt: "2026-11-23T10:21:00.000Z",
      },
    ],
  });
export type CauseJson = z.output<typeof causeSchema>;

/** causeListSchema is a page of causes; of all connectors the thousand most frequent. */
export const causeListSchema = pageSchemaOf(causeSchema)
  .extend({
    total: z.int().meta({ description: "How many causes match, over all pages; at most 1,000 are counted." }),
  })
  .meta({ id: "CauseList", description: PAGE_DESCRIPTION });
export type CauseList = z.output<typeof causeListSchema>;

/** receivedCauseSchema is a cause as a client reads it: an earlier build of Baton says no `perTenMinutes`. */
export const receivedCauseSchema = causeSchema.extend({
  perTenMinutes: causeSchema.shape.perTenMinutes.exactOptional(),
});
export type ReceivedCause = z.output<typeof receivedCauseSchema>;

/** receivedCauseListSchema is a page of causes as a client reads it: an earlier build says no `total`. */
export const receivedCauseListSchema = pageSchemaOf(receivedCauseSchema).extend({
  total: causeListSchema.shape.total.exactOptional(),
});
export type ReceivedCauseList = z.output<typeof receivedCauseListSchema>;

/** causeToJson writes a cause for an answer. */
export function causeToJson(cause: Cause): CauseJson {
  return {
    ...pickMembers(cause, ["cause", "reason", "waitingFor", "httpStatus", "detail", "count", "lastHour"]),
    perTenMinutes: [...cause.perTenMinutes],
    connectors: [...cause.connectors],
    ...pickMembers(cause, ["connectorsTotal"]),
    ...pickFormattedInstants(cause, ["firstAt", "lastAt"]),
    ...pickMembers(cause, ["sampleId", "state", "note", "by"]),
    ...pickFormattedInstants(cause, ["changedAt", "reopenedAt"]),
  };
}

/** replayBodySchema is the body of `POST /admin/v1/dead-letters/{id}/replay`; it may be absent. */
export const replayBodySchema = strictObject({
  note: noteSchema.exactOptional(),
  deadlineMs: deadlineMsSchema
    .exactOptional()
    .meta({ description: "How long Baton tries, from now. Absent: as long as the first time." }),
  force: z
    .boolean()
    .default(false)
    .meta({ description: "Replay also when the signal may have arrived already, and may so arrive twice." }),
})
  .prefault({})
  .meta({ id: "ReplayRequest", description: "How to queue a dead letter again." });

/** discardBodySchema is the body of `POST /admin/v1/dead-letters/{id}/discard`; it may be absent. */
export const discardBodySchema = strictObject({ note: noteSchema.exactOptional() }).prefault({}).meta({
  id: "DiscardRequest",
  description: "Why a dead letter will not be replayed.",
});
export type DiscardBody = z.output<typeof discardBodySchema>;
