/** The overview: what an operator looks at first. */
import { BREAKER_STATES, DEAD_REASONS, type DeadReason, WAITING_FOR, type WaitingFor } from "@baton/domain";
import { z } from "zod";
import { noteSchema } from "./dead-letter.ts";
import { instantInputSchema, instantSchema } from "./instant-schemas-and-formatting.ts";
import { strictObject } from "./strict-object.ts";

const count = z.int();
const oldestQueuedMs = z.number().nullable().meta({
  description:
    "How long ago the oldest queued handoff fell due: at its acceptance or replay, or after its delay. Null when none is queued.",
});
const AT_MOST = [
  "From due to CXone's 2xx, over the last hour: at most so long. Latencies are counted in buckets, and this is the upper",
  "bound of the bucket; 60,000 also stands for more. Null when nothing was delivered in the hour.",
].join(" ");
const percentileMs = z.number().nullable().meta({ description: AT_MOST });

const due = count.meta({ description: "Could be sent now but for a slot of a worker, or a worker." });
const willMiss = count.meta({
  description:
    "Queued ones whose deadline the connector's rate and hold leave no time for; with more than 32 queued, to 3 %.",
});
const reason = z.enum(WAITING_FOR);
const mostUrgent = z
  .object({ id: z.string(), connectorId: z.string(), deadlineAt: instantSchema, waitingFor: reason.exactOptional() })
  .meta({ id: "MostUrgentHandoff", description: "The queued handoff whose deadline comes first." });
const waitingFor = z
  .object(
    Object.fromEntries(WAITING_FOR.map((name) => [name, count.exactOptional()])) as Record<
      WaitingFor,
      z.ZodExactOptional<typeof count>
    >,
  )
  .meta({
    id: "WaitingForCounts",
    description:
      "How many queued handoffs wait for what; a reason that none waits for is left out. Where more than 50 are due and jobs wait for a worker, `order` is estimated from the 50 oldest.",
  });

const byReason = z
  .object(Object.fromEntries(DEAD_REASONS.map((reason) => [reason, count])) as Record<DeadReason, typeof count>)
  .meta({ id: "DeadLettersByReason" });

/** NEXT_PROBE says what `nextProbeAt` is. */
export const NEXT_PROBE =
  "When the breaker lets the next handoff probe CXone; while one is probing, when that one's time ends at the latest. Absent where the breaker is closed, and where the next one may probe now.";

const PAUSED_SINCE = "Since when it is paused; absent where an older Baton paused it.";

/** overviewSchema is the answer of `GET /admin/v1/overview`. */
export const overviewSchema = z
  .object({
    asOf: instantSchema.meta({
      description: "When the connectors were looked at: with more than a thousand, up to some seconds ago.",
    }),
    handoffs: z
      .object({ queued: count, due, sending: count, oldestQueuedMs, mostUrgent: mostUrgent.exactOptional(), willMiss })
      .meta({ id: "HandoffFigures" }),
    deadLetters: z
      .object({
        total: count,
        lastHour: count.meta({ description: "How many of them died within the last hour." }),
        byReason,
      })
      .meta({ id: "DeadLetterFigures" }),
    workers: count.meta({ description: "Worker processes whose heartbeat came within the last seconds." }),
    paused: z.boolean().meta({ description: "Everything is paused: handoffs are accepted, none is sent." }),
    pausedUntil: instantSchema.exactOptional().meta({ description: "When that pause ends by itself." }),
    pausedSince: instantSchema.exactOptional().meta({ description: PAUSED_SINCE }),
    redisFull: z.literal(true).exactOptional().meta({
      description:
        "A master of Redis uses 99 % of its maxmemory or more: it refuses what is new, or is about to. Absent: all that answered have room.",
    }),
    runs: z
      .object({
        running: count,
        paused: count,
        discards: z.object({ running: count, paused: count }).meta({ id: "DiscardRunFigures" }).exactOptional().meta({
          description: "How many of them are runs of discards. Absent: an earlier build, which does not say.",
        }),
      })
      .meta({ id: "RunFigures", description: "Runs of replays and discards that have not ended." }),
    connectorsTotal: count.meta({ description: "How many connectors there are." }),
    connectors: z
      .array(
        z
          .object({
            id: z.string(),
            name: z.string(),
            queued: count,
            due,
            sending: count,
            oldestQueuedMs,
            deadlineUsed: z.number().min(0).max(1).meta({
              description: "How much of the most urgent queued handoff's time is over; 0 when none is queued.",
            }),
            willMiss,
            waitingFor,
            deadLetters: count,
            breaker: z.enum(BREAKER_STATES),
            breakerSince: instantSchema.exactOptional().meta({ description: "Since when the breaker is not closed." }),
            nextProbeAt: instantSchema.exactOptional().meta({ description: NEXT_PROBE }),
            heldUntil: instantSchema
              .optional()
              .meta({ description: "Until when CXone's Retry-After throttles it; resume ends that." }),
            heldSince: instantSchema.exactOptional().meta({
              description: "Since when CXone throttles it, without a 2xx between; only with `heldUntil`.",
            }),
            paused: z.boolean(),
            pausedUntil: instantSchema.exactOptional(),
            pausedSince: instantSchema.exactOptional().meta({ description: PAUSED_SINCE }),
            deliveredLastHour: count,
            lastDeliveredAt: instantSchema.exactOptional().meta({ description: "When CXone last answered 2xx." }),
            p50Ms: percentileMs,
            p99Ms: percentileMs,
          })
          .meta({ id: "ConnectorFigures" }),
      )
      .meta({
        description:
          "The 200 in most trouble: first those whose most urgent handoff has used more than half of its time, by how much of it; then those that send nothing (paused, held, breaker open), then by those that will miss their deadline, then by the oldest queued handoff, then by queued ones and dead letters.",
      }),
  })
  .meta({ id: "Overview", description: "The state of everything at this moment." });
export type Overview = z.output<typeof overviewSchema>;

/** pauseBodySchema is the body of the two `pause` routes; it may be absent. */
export const pauseBodySchema = strictObject({
  until: instantInputSchema
    .exactOptional()
    .meta({ description: "When it goes on by itself; absent: not before `resume`." }),
  note: noteSchema.exactOptional(),
})
  .prefault({})
  .meta({ id: "PauseBody", examples: [{ until: "2026-11-23T10:15:30.123Z", note: "maintenance window" }] });

export type PauseBody = z.input<typeof pauseBodySchema>;

/** resumeBodySchema is the body of the two `resume` routes; it may be absent. */
export const resumeBodySchema = strictObject({ note: noteSchema.exactOptional() })
  .prefault({})
  .meta({ id: "ResumeBody", examples: [{}] });

export type ResumeBody = z.input<typeof resumeBodySchema>;

/** pausedSchema is the answer of `POST /admin/v1/pause` and `/resume`. */
export const pausedSchema = z
  .object({ paused: z.boolean(), pausedUntil: instantSchema.exactOptional() })
  .meta({ id: "Paused", description: "Whether everything is paused; every process knows within 2 s." });
export type Paused = z.output<typeof pausedSchema>;
