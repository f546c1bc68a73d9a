/**
 * What OpenAPI shows of bodies that are judged by other schemas: exactly one of two members is two kinds of object
 * there, which every generator of clients understands, and a batch's items are what they should be.
 */
import { z } from "zod";
import { contactIdSchema, handoffFields, MAX_BATCH } from "./handoff-body.ts";
import { idempotencyKeySchema } from "./idempotency-key.ts";
import { strictObject } from "./strict-object.ts";

const { contactId: _contactId, callId: _callId, ...rest } = handoffFields;
const contactFields = { contactId: contactIdSchema, ...rest };
const callFields = { callId: handoffFields.callId.unwrap(), ...rest };
const keyField = { idempotencyKey: idempotencyKeySchema.exactOptional() };

const EXAMPLE = { contactId: "100000000001", params: { p1: "Escalate", p2: "billing question" }, deadlineMs: 60_000 };

/** documentedHandoffSchema is what `POST /v1/handoffs` takes. */
export const documentedHandoffSchema = z
  .union([
    strictObject(contactFields).meta({ id: "HandoffToContact", description: "A handoff that names its contact." }),
    strictObject(callFields).meta({
      id: "HandoffOfCall",
      description: "A handoff that names a registered call, and so its contact.",
    }),
  ])
  .meta({
    id: "NewHandoff",
    description: "A handoff to accept: exactly one of `contactId` and `callId`.",
    unionOneOf: true,
    examples: [EXAMPLE],
  });

/** documentedBatchSchema is what `POST /v1/handoffs/batch` takes. */
export const documentedBatchSchema = strictObject({
  handoffs: z
    .array(
      z
        .union([
          strictObject({ ...contactFields, ...keyField }).meta({ id: "BatchHandoffToContact" }),
          strictObject({ ...callFields, ...keyField }).meta({ id: "BatchHandoffOfCall" }),
        ])
        .meta({
          id: "BatchHandoff",
          description: "A handoff to accept, with its own idempotency key.",
          unionOneOf: true,
        }),
    )
    .min(1)
    .max(MAX_BATCH),
}).meta({
  id: "Batch",
  description: `1 to ${MAX_BATCH} handoffs, each accepted or refused on its own.`,
  examples: [{ handoffs: [{ ...EXAMPLE, idempotencyKey: "b7f3c1de-handoff-1" }] }],
});
