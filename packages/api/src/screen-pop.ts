/** The screen pop, as PolyAI's own Handoff API has it: its names, its errors. */
import { z } from "zod";

/** MAX_STATE_ID_LENGTH in characters: a shared id's. */
const MAX_STATE_ID_LENGTH = 255;

const stateId = z.string().min(1).max(MAX_STATE_ID_LENGTH).exactOptional();

/**
 * handoffStateQuerySchema is the query of `GET /v1/{accountId}/{projectId}/handoff_state`; what else is in it is
 * ignored.
 */
export const handoffStateQuerySchema = z
  .object({
    id: stateId.meta({ description: "The id of a handoff, or of a call that was handed off." }),
    shared_id: stateId.meta({
      description: "The caller's own id. Given both, this one counts; of several handoffs the newest is shown.",
    }),
  })
  .refine(({ id, shared_id }) => id !== undefined || shared_id !== undefined, { error: "send id or shared_id" });

/** handoffStateSchema is what the agent's desktop shows. */
export const handoffStateSchema = z
  .object({
    id: z.string().meta({ description: "The id that was asked for; by `shared_id`, the handoff's." }),
    shared_id: z.string().exactOptional(),
    data: z
      .record(z.string(), z.unknown())
      .meta({ description: "The handoff's context; empty where it came without." }),
  })
  .meta({ id: "HandoffState", description: "What was handed off with the call." });

/** handoffStateErrorSchema is every refusal of a screen pop. */
export const handoffStateErrorSchema = z
  .object({ error_message: z.string() })
  .meta({ id: "HandoffStateError", description: "Why a screen pop shows nothing." });
