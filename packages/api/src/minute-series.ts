/** Series: what happened minute by minute, and who changed something meanwhile. */
import { AUDIT_ACTIONS } from "@baton/domain";
import { z } from "zod";
import { actorSchema } from "./audit-entry-schema.ts";
import { instantSchema } from "./instant-schemas-and-formatting.ts";
import { strictObject } from "./strict-object.ts";
import { wholeNumberInQuery } from "./whole-number-in-query.ts";

/** SERIES_NAMES is all that is counted by the minute. */
export const SERIES_NAMES = ["accepted", "delivered", "dead", "expired", "queued", "p50", "p99"] as const;
export type SeriesName = (typeof SERIES_NAMES)[number];

/** STEP_MS: a point is a minute. */
export const STEP_MS = 60_000;
/** MAX_MINUTES back: a day. */
const MAX_MINUTES = 1_440;
const DEFAULT_MINUTES = 60;

const nameSchema = z.enum(SERIES_NAMES);

/** seriesSearchSchema is the query of `GET /admin/v1/series`; `name` may come once, several times, or not at all. */
export const seriesSearchSchema = strictObject({
  name: z
    .array(nameSchema)
    .min(1)
    .max(SERIES_NAMES.length)
    .default([...SERIES_NAMES])
    .meta({ description: "Which ones, repeated; all unless said." }),
  connectorId: z.string().min(1).exactOptional().meta({ description: "Of one connector; of all unless said." }),
  minutes: wholeNumberInQuery(MAX_MINUTES)
    .default(DEFAULT_MINUTES)
    .meta({ description: "How far back, the minute that is under way included." }),
});
export type SeriesSearch = z.output<typeof seriesSearchSchema>;

/** seriesSchema is the answer of `GET /admin/v1/series`. */
export const seriesSchema = z
  .object({
    from: instantSchema.meta({ description: "When the first point's minute begins." }),
    stepMs: z.literal(STEP_MS),
    series: z.array(
      z
        .object({
          name: nameSchema,
          points: z.array(z.number().nullable()).meta({
            description:
              "A point a minute, the last one under way. `p50` and `p99` (from due to CXone's 2xx, milliseconds, at most: the upper bound of a bucket of latencies, and 60,000 also for more) are null where nothing was delivered, `queued` where no admin process looked.",
          }),
        })
        .meta({ id: "Series" }),
    ),
    marks: z
      .array(
        z
          .object({
            at: instantSchema,
            action: z.string().meta({ description: AUDIT_ACTIONS.map((action) => `\`${action}\``).join(", ") }),
            actor: actorSchema,
            targetId: z.string().exactOptional(),
          })
          .meta({ id: "Mark" }),
      )
      .meta({ description: "Who changed something meanwhile, the oldest first; the newest 500." }),
  })
  .meta({ id: "SeriesAnswer", description: "What happened minute by minute." });
export type SeriesAnswer = z.output<typeof seriesSchema>;
