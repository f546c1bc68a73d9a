/** What an operator sends to plan a run, to start it and to change it. */
import { DEFAULT_RUN_RATE, DEFAULT_STOP_WHEN_DYING, MAX_RUN_RATE } from "@baton/domain";
import { z } from "zod";
import { deadLetterFilterFields, noteSchema } from "./dead-letter.ts";
import { deadReasonSchema } from "./handoff-enumerations.ts";
import { deadlineMsSchema } from "./handoff-request-body.ts";
import { strictObject } from "./strict-object.ts";
import { idempotencyKeySchema } from "./text-fields.ts";

/** MAX_FIRST items to try: more than that is a run. */
const MAX_FIRST = 1_000_000;

const rateSchema = z
  .number({ error: `send items a second, 1 to ${MAX_RUN_RATE}` })
  .min(1, { error: `send 1 to ${MAX_RUN_RATE}; to stop for a while, pause the run` })
  .max(MAX_RUN_RATE, { error: `send 1 to ${MAX_RUN_RATE}` });

/** runFilterSchema says which dead letters; every member given must fit. Instants come out as epoch milliseconds. */
const runFilterSchema = strictObject({
  connectorId: z.string().min(1).exactOptional(),
  reason: z
    .array(deadReasonSchema)
    .min(1, { error: "name at least one reason, or leave it out" })
    .exactOptional()
    .meta({ description: "Died of one of these." }),
  ...deadLetterFilterFields,
}).meta({ id: "RunFilter", description: "Which dead letters; every member given must fit." });

const fields = {
  planId: z.string().min(1).exactOptional().meta({ description: "The plan to start; it says what is taken." }),
  filter: runFilterSchema.exactOptional().meta({ description: "What to plan, or to plan and start at once." }),
  all: z
    .boolean()
    .exactOptional()
    .meta({ description: "An empty filter takes every dead letter, and requires `true`." }),
  includeUnknown: z.boolean().exactOptional().meta({
    description: "Take also what may have arrived, and may so arrive twice. With a plan: as the plan says.",
  }),
  skipEndedContacts: z.boolean().exactOptional().meta({
    description:
      "Ask CXone about each contact first, and leave those that it says have ended: an indication, CXone may lag behind by minutes. With a plan: as the plan says.",
  }),
  dryRun: z.boolean().exactOptional().meta({
    description: "true: only plan; with `planId`, show that plan again. What else is sent is checked, not used.",
  }),
  ratePerSecond: rateSchema
    .exactOptional()
    .meta({ description: `Items a second at most, 1 to ${MAX_RUN_RATE}. Absent: ${DEFAULT_RUN_RATE}.` }),
  note: noteSchema.min(1).exactOptional().meta({ description: "Why; kept with the run. A run requires one." }),
  first: z.int().min(1).max(MAX_FIRST).exactOptional().meta({ description: "Pause once so many have ended." }),
  stopWhenDying: z
    .number()
    .min(0)
    .max(1)
    .exactOptional()
    .meta({
      description: `Pause when so large a part of the last 50 died again. Absent: ${DEFAULT_STOP_WHEN_DYING}; 0: never.`,
    }),
  deadlineMs: deadlineMsSchema
    .exactOptional()
    .meta({ description: "How long Baton tries each, from its replay. Absent: as long as the first time." }),
} as const;

/** runBodySchema is the body of `POST /admin/v1/replays` and `/discards`. */
export const runBodySchema = strictObject(fields)
  .superRefine((body, context) => {
    const refuse = (name: keyof typeof fields, message: string) =>
      context.addIssue({ code: "custom", path: [name], message });
    const isPlanned = body.planId !== undefined;
    const isEmpty = Object.keys(body.filter ?? {}).length === 0;
    if (isPlanned && body.filter !== undefined)
      refuse("filter", "send `planId` or `filter`: a plan has its own filter");
    if (!isPlanned && isEmpty && body.all !== true)
      refuse("all", "an empty filter takes every dead letter: send `all: true` if you mean it");
    if (body.dryRun !== true && body.note === undefined) refuse("note", "say why: a run requires a note");
  })
  .meta({
    id: "RunRequest",
    description:
      "With `dryRun: true` a plan: what a run would take, counted anew or, with `planId`, as it was. Else a run, of `planId` or of a filter that is planned first.",
    examples: [
      { filter: { reason: ["expired"] }, dryRun: true },
      { planId: "pl_0CTQ8ZJ4M2K7XB5W", note: "repaired" },
    ],
  });
export type RunBody = z.output<typeof runBodySchema>;

/**
 * startHeadersSchema are the headers of `POST /admin/v1/replays` and `/discards` that mean something; all others pass.
 */
export const startHeadersSchema = z.looseObject({
  "idempotency-key": idempotencyKeySchema.exactOptional().meta({
    description:
      "Makes a repeat safe, for 24 h per admin key: the same key with the same body answers the same run as it is now, with another body it is refused. A dry run ignores it.",
  }),
});

/** runPatchSchema is the body of `PATCH /admin/v1/replays/{id}` and `/discards/{id}`. */
export const runPatchSchema = strictObject({ ratePerSecond: rateSchema, note: noteSchema.exactOptional() }).meta({
  id: "RunChange",
  description: "Another rate; it holds within a second.",
  examples: [{ ratePerSecond: 5 }],
});

/** runNoteSchema is the body of `pause`, `resume` and `cancel` of a run; it may be absent. */
export const runNoteSchema = strictObject({ note: noteSchema.exactOptional() })
  .prefault({})
  .meta({ id: "RunNote", examples: [{ note: "too many die again" }] });
export type RunNote = z.input<typeof runNoteSchema>;
