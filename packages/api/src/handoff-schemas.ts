/** A handoff as both APIs show it. Parameters and context are never in it. */
import type { Attempt, Handoff, SenderAnswer } from "@baton/domain";
import { z } from "zod";
import {
  attemptOutcomeSchema,
  deadReasonSchema,
  handoffStatusSchema,
  waitingForSchema,
} from "./handoff-enumerations.ts";
import { contactIdSchema } from "./handoff-request-body.ts";
import { instantSchema, pickFormattedInstants } from "./instant-schemas-and-formatting.ts";
import { namedPageSchemaOf, pageFields } from "./list-page.ts";
import { pickMembers } from "./pick-members.ts";
import { problemSchema } from "./problem-schema-and-error.ts";
import { strictObject } from "./strict-object.ts";
import { idempotencyKeySchema, sharedIdSchema } from "./text-fields.ts";

const attemptSchema = z
  .object({
    number: z.int().meta({ description: "Counts from 1 and goes on through replays." }),
    startedAt: instantSchema,
    durationMs: z.number().exactOptional().meta({ description: "Absent where the end is not known." }),
    outcome: attemptOutcomeSchema,
    httpStatus: z.int().exactOptional(),
    detail: z.string().exactOptional().meta({ description: "CXone's words, shortened and redacted." }),
  })
  .meta({ id: "Attempt", description: "One try to send the signal." });

/** handoffSchema is a handoff in an answer. */
export const handoffSchema = z
  .object({
    id: z.string(),
    connectorId: z.string(),
    accountId: z.string(),
    projectId: z.string(),
    environment: z.string(),
    contactId: z.string(),
    callId: z.string().exactOptional(),
    sharedId: z.string().exactOptional(),
    status: handoffStatusSchema,
    reason: deadReasonSchema.exactOptional().meta({ description: "Why it is, or was, dead." }),
    waitingFor: waitingForSchema
      .nullable()
      .exactOptional()
      .meta({ description: "While queued: what it waits for, or null when it is free to go." }),
    acceptedAt: instantSchema,
    deadlineAt: instantSchema,
    nextAttemptAt: instantSchema.exactOptional().meta({
      description: "While queued: the next attempt is made no earlier. Past where it waits for nothing but a worker.",
    }),
    endedAt: instantSchema.exactOptional(),
    attempts: z.array(attemptSchema),
    mayHaveArrived: z.boolean().meta({
      description:
        "Some attempt got no trustworthy answer, so its signal may have reached the contact. It says nothing of how the handoff stands: one that is `delivered` has arrived, whatever is said here, and must not be sent again. While `queued` or `sending` Baton still tries by itself. Only of one that is `dead` or `cancelled` does `true` mean that an operator must find out before anything is sent again.",
    }),
    possibleDuplicate: z.boolean().meta({
      description:
        "Another request was sent after one that may have arrived: the contact may have been signalled twice.",
    }),
    replays: z.int(),
  })
  .meta({
    id: "Handoff",
    description: "A handoff as it stands. Parameters and context are never shown.",
    examples: [
      {
        id: "ho_0001JD9X5T2M7Q4RZK8WVNB3CY",
        connectorId: "cn_0001JD9X4A6P3S8TZN5GHWMK2D",
        accountId: "acme",
        projectId: "support-line",
        environment: "live",
        contactId: "100000000001",
        status: "delivered",
        acceptedAt: "2026-11-23T10:15:30.123Z",
        deadlineAt: "2026-11-23T10:16:30.123Z",
        endedAt: "2026-11-23T10:15:30.311Z",
        attempts: [
          { number: 1, startedAt: "2026-11-23T10:15:30.140Z", durationMs: 168, outcome: "accepted", httpStatus: 202 },
        ],
        mayHaveArrived: false,
        possibleDuplicate: false,
        replays: 0,
      },
    ],
  });
export type HandoffJson = z.output<typeof handoffSchema>;

/**
 * handoffDetailsSchema is a handoff with what only operators are shown: what its sender was answered, and for how long
 * CXone asked to wait.
 */
export const handoffDetailsSchema = handoffSchema
  .extend({
    attempts: z.array(
      attemptSchema
        .extend({
          retryAfterMs: z
            .number()
            .exactOptional()
            .meta({ description: "How long CXone's `Retry-After` asked to wait." }),
        })
        .meta({ id: "AttemptDetails", description: "One try to send the signal, with what CXone asked for." }),
    ),
    answer: z
      .object({
        at: instantSchema,
        status: z.int(),
        afterMs: z.int().meta({ description: "How long the sender waited for it." }),
        waitMs: z.int().exactOptional().meta({ description: "For how long its `Prefer: wait` asked to wait." }),
      })
      .exactOptional()
      .meta({
        id: "SenderAnswer",
        description:
          "What the request that brought it was answered last. Left out for a batch, and where it was an ordinary 202 within 250 ms: that is not kept.",
      }),
  })
  .meta({ id: "HandoffDetails", description: "A handoff with all that is known of what happened to it." });
export type HandoffDetailsJson = z.output<typeof handoffDetailsSchema>;

/** handoffToJson writes a handoff for an answer; members that it names nowhere are left out. */
export function handoffToJson(handoff: Handoff): HandoffJson {
  return {
    ...pickMembers(handoff, [
      "id",
      "connectorId",
      "accountId",
      "projectId",
      "environment",
      "contactId",
      "callId",
      "sharedId",
    ]),
    ...pickMembers(handoff, ["status", "reason", "waitingFor"]),
    ...pickFormattedInstants(handoff, ["acceptedAt", "deadlineAt", "nextAttemptAt", "endedAt"]),
    attempts: handoff.attempts.map(attemptToJson),
    ...pickMembers(handoff, ["mayHaveArrived", "possibleDuplicate", "replays"]),
  };
}

function attemptToJson(attempt: Attempt): HandoffJson["attempts"][number] {
  return {
    ...pickMembers(attempt, ["number"]),
    ...pickFormattedInstants(attempt, ["startedAt"]),
    ...pickMembers(attempt, ["durationMs", "outcome", "httpStatus", "detail"]),
  };
}

/** handoffDetailsToJson writes a handoff with what only operators are shown. */
export function handoffDetailsToJson(handoff: Handoff, answer: SenderAnswer | undefined): HandoffDetailsJson {
  return {
    ...handoffToJson(handoff),
    attempts: handoff.attempts.map((attempt) => ({
      ...attemptToJson(attempt),
      ...pickMembers(attempt, ["retryAfterMs"]),
    })),
    ...(answer === undefined
      ? {}
      : {
          answer: { ...pickFormattedInstants(answer, ["at"]), ...pickMembers(answer, ["status", "afterMs", "waitMs"]) },
        }),
  };
}

/**
 * batchResultSchema is one item's answer: `handoff` with 202 (or 200, ended meanwhile), `problem` with any other
 * status.
 */
const batchResultSchema = z
  .object({
    status: z.int().meta({ description: "The HTTP status that this item alone would have got." }),
    handoff: handoffSchema.exactOptional(),
    problem: problemSchema.exactOptional(),
    replayed: z
      .boolean()
      .exactOptional()
      .meta({ description: "true: the idempotency key was known, nothing new was accepted." }),
  })
  .meta({
    id: "BatchResult",
    description: "What became of one handoff of a batch: it is accepted, or `problem` says why not.",
  });
export type BatchResult = z.output<typeof batchResultSchema>;

/** batchAnswerSchema has one result per item, in the order of the request. */
export const batchAnswerSchema = z
  .object({ results: z.array(batchResultSchema) })
  .meta({ id: "BatchAnswer", description: "One result per handoff, in order." });

/** ownHandoffSearchSchema is the query of `GET /v1/handoffs`; every filter given must fit. */
export const ownHandoffSearchSchema = strictObject({
  contactId: contactIdSchema.exactOptional(),
  sharedId: sharedIdSchema.exactOptional(),
  status: handoffStatusSchema.exactOptional(),
  ...pageFields,
});
export type OwnHandoffSearch = z.output<typeof ownHandoffSearchSchema>;

/** handoffSearchSchema is the query of `GET /admin/v1/handoffs`; every filter given must fit. */
export const handoffSearchSchema = strictObject({
  contactId: contactIdSchema.exactOptional(),
  sharedId: sharedIdSchema.exactOptional(),
  idempotencyKey: idempotencyKeySchema
    .exactOptional()
    .meta({ description: "The handoffs accepted under this key in the last 24 h." }),
  connectorId: z.string().min(1).exactOptional(),
  status: handoffStatusSchema.exactOptional(),
  waitingFor: waitingForSchema.exactOptional().meta({ description: "Queued ones that wait for this." }),
  ...pageFields,
});
export type HandoffSearch = z.output<typeof handoffSearchSchema>;

/** handoffListSchema is a page of handoffs. */
export const handoffListSchema = namedPageSchemaOf(handoffSchema, "HandoffList");
