/** Whom a handoff means: the contact that it names, or that of the call it names. */
import type { HandoffBody } from "@baton/api";
import { Refusal } from "@baton/domain";
import type { FoundCall } from "@baton/store";

interface Deps {
  readonly calls: { call(id: string): Promise<FoundCall | undefined> };
}

/** MeantContact: a handoff's own shared id goes before the call's. */
export interface MeantContact {
  readonly contactId: string;
  readonly callId?: string;
  readonly sharedId?: string;
}

/**
 * ResolveContact gives a Refusal, `invalid-handoff` or `no-contact-id`, rather than throwing it: an idempotency key is
 * looked up first.
 */
export type ResolveContact = (connectorId: string, body: HandoffBody) => Promise<MeantContact | Refusal>;

/** createResolveContact asks for a call only where the handoff names one. */
export function createResolveContact({ calls }: Deps): ResolveContact {
  return async (connectorId, { contactId, callId, sharedId }) => {
    const own = sharedId === undefined ? {} : { sharedId };
    if (callId === undefined) return { contactId: contactId ?? "", ...own };
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
        "the call came without a contact id, so there is nobody to signal; nothing was accepted",
      );
    }
    const shared = sharedId ?? call.sharedId;
    return { contactId: call.contactId, callId, ...(shared === undefined ? {} : { sharedId: shared }) };
  };
}
