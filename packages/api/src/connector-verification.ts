/** Verifying a connector: each step on the way to CXone. */
import { ACCESS_CHECK_CODES } from "@baton/domain";
import { z } from "zod";
import { contactIdSchema, paramsSchema } from "./handoff-request-body.ts";
import { strictObject } from "./strict-object.ts";

/** verifyBodySchema is the body of `POST /admin/v1/connectors/{id}/verify`; it may be absent. */
export const verifyBodySchema = strictObject({
  contactId: contactIdSchema
    .exactOptional()
    .meta({ description: "Send one real test signal to this contact. Absent: none is sent." }),
  params: paramsSchema.exactOptional().meta({ description: "The test signal's parameters." }),
})
  .prefault({})
  .refine(({ contactId, params }) => params === undefined || contactId !== undefined, {
    error: "only a test signal has parameters: send a contactId too",
    path: ["params"],
  })
  .meta({
    id: "VerifyRequest",
    dependentRequired: { params: ["contactId"] },
    description: "Whether to send a test signal, and which.",
    examples: [{ contactId: "100000000001", params: { p1: "Test" } }],
  });
export type VerifyBody = z.input<typeof verifyBodySchema>;

export const VERIFY_STEPS = ["discovery", "token", "api", "signal"] as const;

/** verificationSchema is how far the way to CXone was good. */
export const verificationSchema = z
  .object({
    ok: z.boolean().meta({ description: "Every step that was tried is good." }),
    steps: z
      .array(
        z
          .object({
            name: z.enum(VERIFY_STEPS),
            ok: z.boolean(),
            code: z
              .enum(ACCESS_CHECK_CODES)
              .exactOptional()
              .meta({ description: "Why it is not good; `detail` says it in words." }),
            detail: z.string(),
            durationMs: z.number(),
            clockOffsetMs: z.number().exactOptional().meta({
              description:
                "Of the step `api`: CXone's clock minus admin's. The header `Date` has whole seconds; less than one is 0.",
            }),
          })
          .meta({ id: "VerificationStep" }),
      )
      .meta({ description: "In order; the first that is not good is the last." }),
    doesNotProve: z.array(z.string()).meta({ description: "What this does not prove, in words." }),
  })
  .meta({ id: "Verification", description: "Each step on the way to CXone, without any cache." });
export type Verification = z.output<typeof verificationSchema>;
