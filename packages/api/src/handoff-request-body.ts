/** What a caller sends to hand a call off: one, or a batch; and how OpenAPI shows it. */
import { CONTACT_ID, findInexactNumberPaths, PARAM_NAMES, type ParamName } from "@baton/domain";
import { z } from "zod";
import { strictObject } from "./strict-object.ts";
import { idempotencyKeySchema, sharedIdSchema } from "./text-fields.ts";

/** MAX_CONTEXT_BYTES of a context, as JSON in UTF-8. */
export const MAX_CONTEXT_BYTES = 32_768;
/**
 * MAX_CONTEXT_DEPTH of objects and arrays in one another: beyond what any context means, below what recursive readers
 * bear.
 */
const MAX_CONTEXT_DEPTH = 64;
/** MAX_BATCH handoffs in one request. */
const MAX_BATCH = 100;

/** deadlineMsSchema: 1 s to 24 h. */
export const deadlineMsSchema = z.int().min(1_000).max(86_400_000);

/** contactIdSchema: CXone's contact ids outgrow JavaScript's numbers, so a JSON number is refused as the wrong type. */
export const contactIdSchema = z
  .string({ error: "send the contact id as a string of 1 to 19 digits; as a number it would lose digits" })
  .regex(CONTACT_ID, { error: "send 1 to 19 digits" })
  .meta({ description: "The CXone contact to signal; 1 to 19 digits, always a string.", examples: ["100000000001"] });

const paramSchema = z.string({ error: "send a string" }).meta({ pattern: "^[^\\x00-\\x1f\\x7f-\\x9f]*$" });

/**
 * paramsSchema knows names and types only; bytes, characters and the query's length depend on the connector: domain's
 * `checkSignalParams`.
 */
export const paramsSchema = strictObject(
  Object.fromEntries(PARAM_NAMES.map((name) => [name, paramSchema.exactOptional()])) as {
    [name in ParamName]: z.ZodExactOptional<z.ZodString>;
  },
).meta({
  id: "HandoffParams",
  description:
    "Parameters of the signal. Each takes at most the connector's `maxParamBytes` (256) in UTF-8, without control characters; encoded as a query string, all of them take at most 2,000 characters. Nothing is ever truncated.",
  examples: [{ p1: "Escalate", p2: "billing question" }],
});

const INEXACT_NUMBER = "as a number it would lose digits; send it as text";

const contextSchema = z
  .record(z.string(), z.unknown(), { error: "send a JSON object" })
  .refine((context) => depthOf(context, MAX_CONTEXT_DEPTH) <= MAX_CONTEXT_DEPTH, {
    error: `objects and arrays may lie at most ${MAX_CONTEXT_DEPTH} deep`,
    abort: true,
  })
  .superRefine((context, found) => {
    for (const path of findInexactNumberPaths(context)) {
      found.addIssue({ code: "custom", path, message: INEXACT_NUMBER, continue: false });
    }
  })
  .refine((context) => jsonBytes(context) <= MAX_CONTEXT_BYTES, {
    error: `takes more than ${MAX_CONTEXT_BYTES} bytes as JSON in UTF-8`,
  })
  .meta({
    id: "HandoffContext",
    description: `Anything the agent's screen should show; at most ${MAX_CONTEXT_BYTES} bytes as JSON. A number that a double does not hold, such as an id of 17 digits or more, is refused: send it as text. Kept sealed, never sent to CXone.`,
    examples: [{ intent: "billing", summary: "Asks about the March invoice" }],
  });

/** handoffFields are the members of a handoff to accept. */
const handoffFields = {
  contactId: contactIdSchema.exactOptional(),
  callId: z
    .string()
    .regex(/^[0-9A-Za-z_]{1,64}$/, { error: "send the id of a registered call" })
    .exactOptional()
    .meta({
      description: "A call registered with POST /v1/calls; its contact is signalled.",
      examples: ["ca_0001JD9X5T2M7Q4RZK8WVNB3CY"],
    }),
  params: paramsSchema.exactOptional(),
  context: contextSchema.exactOptional(),
  sharedId: sharedIdSchema.exactOptional(),
  deadlineMs: deadlineMsSchema.exactOptional().meta({
    description: "How long Baton tries, from the end of the delay. Absent: the connector's (60000).",
    examples: [60_000],
  }),
  delayMs: z
    .int()
    .min(0)
    .max(60_000)
    .exactOptional()
    .meta({ description: "How long Baton holds the signal back first.", examples: [0] }),
} as const;

const EXACTLY_ONE = {
  error: "send exactly one of contactId and callId",
  when: ({ value }: { value: unknown }) => typeof value === "object" && value !== null && !Array.isArray(value),
};

/** handoffBodySchema is the body of `POST /v1/handoffs`: exactly one of contactId and callId, and what goes with it. */
export const handoffBodySchema = strictObject(handoffFields).refine(namesOneContact, EXACTLY_ONE).meta({
  description: "A handoff to accept: exactly one of `contactId` and `callId`.",
});
export type HandoffBody = z.output<typeof handoffBodySchema>;

/** batchItemSchema is one handoff of a batch, with its own idempotency key. */
export const batchItemSchema = strictObject({ ...handoffFields, idempotencyKey: idempotencyKeySchema.exactOptional() })
  .refine(namesOneContact, EXACTLY_ONE)
  .meta({ description: "A handoff to accept, with its own idempotency key." });
export type BatchItem = z.output<typeof batchItemSchema>;

/**
 * batchBodySchema is the body of `POST /v1/handoffs/batch`. It leaves its items unparsed: each is parsed
 * by `batchItemSchema` on its own, so that a bad one fails alone. OpenAPI shows `documentedBatchSchema`.
 */
export const batchBodySchema = strictObject({ handoffs: z.array(z.unknown()).min(1).max(MAX_BATCH) });

// What surrounds a header's value does not belong to it, so a key in one neither begins nor ends with a space.
const HEADER_KEY = "^[\\x21-\\x7e]([\\x20-\\x7e]{0,253}[\\x21-\\x7e])?$";

/** What comes otherwise is no fault of the request: it is answered under an id of Baton's own. */
const correlationHeaders = {
  "x-request-id": z
    .string()
    .exactOptional()
    .meta({
      description:
        "1 to 128 printable ASCII characters, kept with each handoff and in every line of the log about it; made where absent.",
      examples: ["b7f3c1de-turn-12"],
    }),
  traceparent: z
    .string()
    .exactOptional()
    .meta({
      description: "W3C's Trace Context; kept and logged like `X-Request-Id`, and sent back.",
      examples: ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"],
    }),
};

/** handoffHeadersSchema are the headers of `POST /v1/handoffs` that mean something; all others pass. */
export const handoffHeadersSchema = z.looseObject({
  "idempotency-key": idempotencyKeySchema
    .meta({ pattern: HEADER_KEY })
    .exactOptional()
    .meta({ description: idempotencyKeySchema.description }),
  prefer: z
    .string()
    .exactOptional()
    .meta({
      description: "`wait=N` (1–30 s; more is shortened to 30): answer when the handoff has ended, or after N seconds.",
      examples: ["wait=10"],
    }),
  ...correlationHeaders,
});

function namesOneContact(body: { contactId?: unknown; callId?: unknown }): boolean {
  return (body.contactId === undefined) !== (body.callId === undefined);
}

/**
 * depthOf counts how deep `value` nests, and stops counting beyond `enough`. It does not recurse, since a caller may
 * send any depth.
 */
function depthOf(value: unknown, enough: number): number {
  let level: readonly unknown[] = [value];
  for (let depth = 0; ; depth += 1) {
    level = level.filter((member) => typeof member === "object" && member !== null);
    if (level.length === 0 || depth > enough) return depth;
    level = level.flatMap((member) => Object.values(member as object));
  }
}

function jsonBytes(value: unknown): number {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

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
