/** The contact that a handoff signals: its own, or that of the registered call which it names. */
import type { HandoffBody } from "@baton/api";
import { Refusal } from "@baton/domain";
import type { FoundCall } from "@baton/handoffs/registered-call-store";
import type { MaybePromise } from "@baton/registry/connector-cache";

interface Deps {
  readonly calls: { call(id: string): Promise<FoundCall | undefined> };
}

/** FoundContact: a handoff's own shared id goes before the call's. */
export interface FoundContact {
  readonly contactId: string;
  readonly callId?: string;
  readonly sharedId?: string;
}

/**
 * FindContactOfHandoff gives a Refusal, `invalid-handoff` or `no-contact-id`, rather than throwing it: an idempotency
 * key is looked up first.
 */
export type FindContactOfHandoff = (connectorId: string, body: HandoffBody) => MaybePromise<FoundContact | Refusal>;

/** createFindContactOfHandoff asks for a call only where the handoff names one. */
export function createFindContactOfHandoff({ calls }: Deps): FindContactOfHandoff {
  return (connectorId, { contactId = "", callId, sharedId }) => {
    const own = sharedId === undefined ? {} : { sharedId };
    return callId === undefined ? { contactId, ...own } : contactOfCall(calls, { connectorId, callId, ...own });
  };
}

interface NamedCall {
  readonly connectorId: string;
  readonly callId: string;
  readonly sharedId?: string;
}

async function contactOfCall(calls: Deps["calls"], { connectorId, callId, sharedId }: NamedCall) {
  const call = (await calls.call(callId))?.call;
  if (call?.connectorId !== connectorId) {
    const errors = [{ pointer: "/callId", message: "this connector has no such call; calls are kept for 24 h" }];
    return new Refusal("invalid-handoff", "the handoff names no call of this connector; nothing was accepted", {
      errors,
    });
  }
  if (call.contactId === undefined) {
    return new Refusal(
      "no-contact-id",
      "the call came without a contact id, so there is no contact to signal; nothing was accepted",
    );
  }
  const shared = sharedId ?? call.sharedId;
  return { contactId: call.contactId, callId, ...(shared === undefined ? {} : { sharedId: shared }) };
}
