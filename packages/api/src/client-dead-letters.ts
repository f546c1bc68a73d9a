/** The client's calls to admin about dead letters, one by one and by cause. */
import type { z } from "zod";
import type { SendRequest } from "./client-http-request.ts";
import {
  type CausePatch,
  type causeSearchSchema,
  type DeadLetterList,
  type DiscardBody,
  deadLetterListSchema,
  type deadLetterSearchSchema,
  type ReceivedCause,
  type ReceivedCauseList,
  receivedCauseListSchema,
  receivedCauseSchema,
  type replayBodySchema,
} from "./dead-letter.ts";
import { type HandoffJson, handoffSchema } from "./handoff-schemas.ts";

/** DeadLetterClient lists, replays and discards dead letters, and notes what is done about their causes. */
export interface DeadLetterClient {
  deadLetters(search?: z.input<typeof deadLetterSearchSchema>): Promise<DeadLetterList>;
  causes(search?: z.input<typeof causeSearchSchema>): Promise<ReceivedCauseList>;
  /** Notes what is done about a cause, for the operator who is on call next. */
  patchCause(cause: string, patch: CausePatch): Promise<ReceivedCause>;
  replay(id: string, body?: z.input<typeof replayBodySchema>): Promise<HandoffJson>;
  discard(id: string, body?: DiscardBody): Promise<HandoffJson>;
}

const PATH = "admin/v1/dead-letters";

/** createDeadLetterClient makes these calls of a client. */
export function createDeadLetterClient(request: SendRequest): DeadLetterClient {
  const pathOf = (id: string) => `${PATH}/${encodeURIComponent(id)}`;
  return {
    deadLetters: (query = {}) => request(deadLetterListSchema, { method: "GET", path: PATH, query }),
    causes: (query = {}) => request(receivedCauseListSchema, { method: "GET", path: `${PATH}/causes`, query }),
    patchCause: (cause, body) =>
      request(receivedCauseSchema, { method: "PATCH", path: `${PATH}/causes/${encodeURIComponent(cause)}`, body }),
    replay: (id, body = {}) => request(handoffSchema, { method: "POST", path: `${pathOf(id)}/replay`, body }),
    discard: (id, body = {}) => request(handoffSchema, { method: "POST", path: `${pathOf(id)}/discard`, body }),
  };
}
