/** The client's calls to ingress: handoffs and calls, with a connector token. */
import type { z } from "zod";
import type { SendRequest } from "./client-http-request.ts";
import type { BatchItem, HandoffBody } from "./handoff-request-body.ts";
import {
  type BatchResult,
  batchAnswerSchema,
  type HandoffJson,
  handoffListSchema,
  handoffSchema,
  type ownHandoffSearchSchema,
} from "./handoff-schemas.ts";
import type { Page } from "./list-page.ts";
import { type CallBody, type CallJson, callSchema } from "./registered-call.ts";

/**
 * WaitOptions: `waitMs` (1000 to 30000, rounded up to seconds) asks for the answer once the handoff ended. An aborted
 * `signal` ends the wait: the call rejects with its reason, and takes back nothing of what Baton has accepted.
 */
export interface WaitOptions {
  readonly waitMs?: number;
  readonly signal?: AbortSignal;
}

/** SendOptions: the key makes a repeat safe. */
export interface SendOptions extends WaitOptions {
  readonly idempotencyKey?: string;
}

/** IngressHandoffClient sends, reads and cancels a connector's own handoffs, and registers its calls. */
export interface IngressHandoffClient {
  send(handoff: HandoffBody, options?: SendOptions): Promise<HandoffJson>;
  /** One result per item, in order; one that was refused does not throw. */
  sendBatch(handoffs: readonly BatchItem[]): Promise<readonly BatchResult[]>;
  get(id: string, options?: WaitOptions): Promise<HandoffJson>;
  cancel(id: string): Promise<HandoffJson>;
  /** Like `handoffs`, with the connector's token: its own. */
  list(search?: z.input<typeof ownHandoffSearchSchema>): Promise<Page<HandoffJson>>;
  registerCall(call: CallBody): Promise<CallJson>;
  call(id: string): Promise<CallJson>;
}

/** createIngressHandoffClient makes these calls of a client. */
export function createIngressHandoffClient(request: SendRequest): IngressHandoffClient {
  const pathOf = (id: string) => `v1/handoffs/${encodeURIComponent(id)}`;
  return {
    send: (body, { idempotencyKey, waitMs, signal } = {}) =>
      request(handoffSchema, { method: "POST", path: "v1/handoffs", body, idempotencyKey, waitMs, signal }),
    sendBatch: async (handoffs) =>
      (await request(batchAnswerSchema, { method: "POST", path: "v1/handoffs/batch", body: { handoffs } })).results,
    get: (id, { waitMs, signal } = {}) => request(handoffSchema, { method: "GET", path: pathOf(id), waitMs, signal }),
    list: (query = {}) => request(handoffListSchema, { method: "GET", path: "v1/handoffs", query }),
    cancel: (id) => request(handoffSchema, { method: "POST", path: `${pathOf(id)}/cancel` }),
    registerCall: (body) => request(callSchema, { method: "POST", path: "v1/calls", body }),
    call: (id) => request(callSchema, { method: "GET", path: `v1/calls/${encodeURIComponent(id)}` }),
  };
}
