/** Calls: one inbound SIP call, registered with its pseudo number and SIP headers. */
import { z } from "zod";
import { contactIdSchema } from "./handoff-request-body.ts";
import { strictObject } from "./strict-object.ts";
import { pseudoNumberSchema, sharedIdSchema } from "./text-fields.ts";

/** MAX_SIP_HEADERS of one call: an INVITE carries a few dozen. */
export const MAX_SIP_HEADERS = 100;
/** MAX_SIP_HEADER_BYTES of a name and of a value, in UTF-8. */
export const MAX_SIP_HEADER_BYTES = 8_192;

const sipHeadersSchema = z
  .record(z.string(), z.string({ error: "send a string" }), { error: "send a JSON object of header names and values" })
  .superRefine((headers, context) => {
    const entries = Object.entries(headers);
    if (entries.length > MAX_SIP_HEADERS) {
      context.addIssue({
        code: "custom",
        message: `has ${entries.length} headers; at most ${MAX_SIP_HEADERS} are taken`,
      });
      return;
    }
    for (const [name, value] of entries) {
      const bytes = Math.max(Buffer.byteLength(name), Buffer.byteLength(value));
      if (bytes <= MAX_SIP_HEADER_BYTES) continue;
      const path = Buffer.byteLength(name) > MAX_SIP_HEADER_BYTES ? [] : [name];
      context.addIssue({
        code: "custom",
        path,
        message: `takes ${bytes} bytes; at most ${MAX_SIP_HEADER_BYTES} are taken`,
      });
    }
  })
  .meta({
    id: "SipHeaders",
    maxProperties: MAX_SIP_HEADERS,
    description: `The INVITE's headers, at most ${MAX_SIP_HEADERS} of ${MAX_SIP_HEADER_BYTES} bytes each. Only the connector's contact id header is looked at; none is kept.`,
    examples: [{ "X-InContact-ContactId": "100000000001" }],
  });

/** callBodySchema is the body of `POST /v1/calls`. */
export const callBodySchema = strictObject({
  pseudoNumber: pseudoNumberSchema.meta({
    description: "The number that NICE called; only digits are compared.",
    examples: ["+15550100100"],
  }),
  sipHeaders: sipHeadersSchema,
  sharedId: sharedIdSchema.exactOptional(),
}).meta({
  id: "NewCall",
  description: "A call to register: which number it came in on, with which SIP headers.",
  examples: [
    {
      pseudoNumber: "+15550100100",
      sipHeaders: { "X-InContact-ContactId": "100000000001" },
      sharedId: "conversation-8f2c",
    },
  ],
});
export type CallBody = z.input<typeof callBodySchema>;

/** callSchema is a call in an answer. */
export const callSchema = z
  .object({
    id: z.string(),
    accountId: z.string(),
    projectId: z.string(),
    environment: z.string(),
    connectorId: z.string(),
    contactId: contactIdSchema
      .exactOptional()
      .meta({ description: "Absent where the header is missing or holds no contact id." }),
    sharedId: z.string().exactOptional(),
  })
  .meta({ id: "Call", description: "A registered call; kept for 24 h. Send its id as `callId` of a handoff." });
export type CallJson = z.output<typeof callSchema>;
