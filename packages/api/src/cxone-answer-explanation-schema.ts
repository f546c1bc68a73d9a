/** Explaining an answer of CXone's: what Baton would do about it. Nothing is sent. */
import { ATTEMPT_OUTCOMES, BREAKER_STATES, DEAD_REASONS } from "@baton/domain";
import { z } from "zod";
import { instantSchema } from "./instant-schemas-and-formatting.ts";
import { NEXT_PROBE } from "./overview-schema.ts";
import { strictObject } from "./strict-object.ts";

/** UNANSWERED are the ways in which a signal gets no answer. */
export const UNANSWERED = ["unreachable", "timeout", "reset"] as const;
export type Unanswered = (typeof UNANSWERED)[number];

const [LOWEST_STATUS, HIGHEST_STATUS] = [200, 599];
/** An attempt's number is at most that of the connector's `maxAttempts`. */
const MAX_ATTEMPT = 100;
/** A deadline is at most a day and a minute of delay away. Milliseconds. */
const MAX_ELAPSED_MS = 86_460_000;
const MAX_HEADER_LENGTH = 1_000;

const answerSchema = z
  .union(
    [
      z.enum(UNANSWERED),
      strictObject({
        status: z.int().min(LOWEST_STATUS).max(HIGHEST_STATUS),
        headers: z
          .record(z.string().max(MAX_HEADER_LENGTH), z.string().max(MAX_HEADER_LENGTH))
          .exactOptional()
          .meta({ description: "`Retry-After` is the one that counts.", examples: [{ "Retry-After": "12" }] }),
      }).meta({ id: "AnsweredSignal", description: "A whole answer of CXone's." }),
    ],
    { error: `send {status: 200 to 599, headers?}, or one of ${UNANSWERED.join(", ")}` },
  )
  .meta({ description: "`unreachable`: nothing was sent; `timeout` and `reset`: the signal may have arrived." });

/** explainBodySchema is the body of `POST /admin/v1/explain`. */
export const explainBodySchema = strictObject({
  connectorId: z.string().min(1),
  answer: answerSchema,
  attempt: z.int().min(1).max(MAX_ATTEMPT).default(1).meta({ description: "Which attempt was answered so." }),
  elapsedMs: z
    .int()
    .min(0)
    .max(MAX_ELAPSED_MS)
    .default(0)
    .meta({ description: "How much of the connector's deadline was over by then, milliseconds." }),
}).meta({
  id: "ExplainRequest",
  description: "An answer to a signal, as CXone might give it.",
  examples: [
    { connectorId: "cn_0001JD9X4A6P3S8TZN5GHWMK2D", answer: { status: 429, headers: { "Retry-After": "12" } } },
  ],
});
export type ExplainBody = z.input<typeof explainBodySchema>;
export type ExplainQuestion = z.output<typeof explainBodySchema>;

const waitSchema = z.object({ leastMs: z.number(), mostMs: z.number() }).meta({ id: "WaitRange" });

/** explanationSchema is what Baton would do. */
export const explanationSchema = z
  .object({
    outcome: z
      .enum(ATTEMPT_OUTCOMES)
      .exclude(["interrupted"])
      .meta({ description: "What the attempt's outcome would be." }),
    renews: z.enum(["token", "address"]).exactOptional().meta({
      description: "What is fetched anew first; then the signal is sent once more inside the same attempt.",
    }),
    next: z
      .enum(["delivered", "retry", "dead"])
      .meta({ description: "What follows; after `renews`, if refused again." }),
    reason: z.enum(DEAD_REASONS).exactOptional().meta({ description: "Why it would be dead." }),
    wait: waitSchema
      .exactOptional()
      .meta({ description: "How long until the next attempt, between its least and most." }),
    holdMs: z.number().exactOptional().meta({ description: "How long the whole connector sends nothing." }),
    mayHaveArrived: z.boolean().meta({ description: "The signal may have arrived nevertheless." }),
    breaker: z
      .object({
        counts: z.boolean().meta({ description: "The answer counts against the connector's breaker." }),
        minRequests: z.int(),
        failureRatio: z.number(),
        windowMs: z.int(),
        openMs: z.int(),
        maxOpenMs: z.int(),
        state: z.enum(BREAKER_STATES).meta({ description: "How the connector's breaker stands now." }),
        since: instantSchema.exactOptional().meta({ description: "Since when it is not closed." }),
        nextProbeAt: instantSchema.exactOptional().meta({ description: NEXT_PROBE }),
      })
      .meta({
        id: "BreakerLimits",
        description: "When the connector's breaker opens, and for how long; and how it stands now.",
      }),
    text: z.array(z.string()).meta({ description: "The same in words, a sentence or two each." }),
  })
  .meta({ id: "Explanation", description: "What Baton would do about such an answer." });
export type Explanation = z.output<typeof explanationSchema>;

const { breaker } = explanationSchema.shape;
/** receivedExplanationSchema is one as a client reads it: an earlier build does not say how the breaker stands. */
export const receivedExplanationSchema = explanationSchema.extend({
  breaker: breaker.extend({ state: breaker.shape.state.exactOptional() }),
});
export type ReceivedExplanation = z.output<typeof receivedExplanationSchema>;
