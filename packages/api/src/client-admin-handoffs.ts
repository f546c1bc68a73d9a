/** The client's calls to admin about handoffs: any connector's, with the admin key. */
import type { z } from "zod";
import type { SendRequest } from "./client-http-request.ts";
import {
  type HandoffDetailsJson,
  type HandoffJson,
  handoffDetailsSchema,
  handoffListSchema,
  handoffSchema,
  type handoffSearchSchema,
} from "./handoff-schemas.ts";
import type { Page } from "./list-page.ts";

/** AdminHandoffClient finds, reads and cancels any connector's handoffs. */
export interface AdminHandoffClient {
  handoffs(search?: z.input<typeof handoffSearchSchema>): Promise<Page<HandoffJson>>;
  /** Like `get`, with the admin key: any connector's, and what only operators are shown. */
  handoff(id: string): Promise<HandoffDetailsJson>;
  /** Like `cancel`, with the admin key: any connector's. */
  cancelHandoff(id: string): Promise<HandoffJson>;
}

/** createAdminHandoffClient makes these calls of a client. */
export function createAdminHandoffClient(request: SendRequest): AdminHandoffClient {
  const pathOf = (id: string) => `admin/v1/handoffs/${encodeURIComponent(id)}`;
  return {
    handoffs: (query = {}) => request(handoffListSchema, { method: "GET", path: "admin/v1/handoffs", query }),
    handoff: (id) => request(handoffDetailsSchema, { method: "GET", path: pathOf(id) }),
    cancelHandoff: (id) => request(handoffSchema, { method: "POST", path: `${pathOf(id)}/cancel` }),
  };
}
