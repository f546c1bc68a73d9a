/** Registered calls: register one by its number, read it, audit unknown numbers, and find a handoff's contact. */
import { randomBytes } from "node:crypto";
import type { CallBody, HandoffBody } from "@baton/api";
import {
  CONTACT_ID,
  type Connector,
  createIdInShard,
  ID_RANDOM_BYTES,
  normalizePseudoNumberToDigits,
  Refusal,
  shardOfId,
} from "@baton/domain";
import type { FoundCall, StoredCall } from "@baton/handoffs/call-store";
import type { AuditSampler } from "@baton/registry/audit-sampler";
import type { ConnectorCache, MaybePromise } from "@baton/registry/connector-cache";
import { withAnswerDeadline } from "./answer-deadline.ts";
import { notFoundRefusal } from "./refusals.ts";

interface RegisterDeps {
  readonly calls: { register(call: StoredCall): Promise<void> };
  /** Resolves once the call is as safe as `BATON_DURABILITY` asks; throws when it is not in time. */
  readonly waitUntilReplicated: (id: string) => Promise<void>;
  readonly connectorCache: Pick<ConnectorCache, "ownerOf">;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** CallRequest is a call as it was sent, and the connector whose token came with it. */
export interface CallRequest {
  readonly connector: Connector;
  /** When its sender must be answered, as nowWithoutEventLoopLag() counts. */
  readonly answerBy: number;
  readonly body: CallBody;
}

/**
 * Registration: a number that is not this connector's is refused alike, whether another has it or none; for the log,
 * `owner` is the connector that has it, undefined where none does.
 */
export type Registration =
  | { readonly kind: "registered"; readonly call: StoredCall }
  | { readonly kind: "foreign"; readonly owner?: string };

/**
 * RegisterCall throws CommandTimeout at `answerBy`, and what `waitUntilReplicated` throws: the call may be kept then,
 * without its id being known.
 */
export type RegisterCall = (request: CallRequest) => Promise<Registration>;

/** createRegisterCall first checks whose number it is: nothing of a call with an unknown number is kept. */
export function createRegisterCall({ calls, waitUntilReplicated, connectorCache, now }: RegisterDeps): RegisterCall {
  return async ({ connector, answerBy, body }) => {
    const { id: connectorId, accountId, projectId, environment, pseudoNumbers } = connector;
    const number = normalizePseudoNumberToDigits(body.pseudoNumber);
    if (!pseudoNumbers.some((own) => normalizePseudoNumberToDigits(own) === number)) {
      const owner = await withAnswerDeadline(connectorCache.ownerOf(number), answerBy);
      return { kind: "foreign", ...(owner === undefined ? {} : { owner }) };
    }
    const contactId = findContactId(body.sipHeaders, connector.contactIdHeader);
    const call: StoredCall = {
      id: createIdInShard("ca", shardOfId("cn", connectorId) ?? 0, now(), randomBytes(ID_RANDOM_BYTES)),
      connectorId,
      accountId,
      projectId,
      environment,
      ...(contactId === undefined ? {} : { contactId }),
      ...(body.sharedId === undefined ? {} : { sharedId: body.sharedId }),
    };
    await withAnswerDeadline(calls.register(call), answerBy);
    await withAnswerDeadline(waitUntilReplicated(call.id), answerBy);
    return { kind: "registered", call };
  };
}

/** unknownNumberRefusal is the one answer for a number of another client and for one that no client has. */
export function unknownNumberRefusal(): Refusal {
  return new Refusal("unknown-number", "this connector has no such pseudo number; an administrator can add it");
}

/**
 * findContactId reads the header that the connector names, however it is capitalised; undefined where it holds no
 * contact id.
 */
function findContactId(headers: CallBody["sipHeaders"], header: string): string | undefined {
  const values = Object.entries(headers).flatMap(([name, value]) =>
    name.toLowerCase() === header.toLowerCase() ? [value.trim()] : [],
  );
  return values.find((value) => CONTACT_ID.test(value));
}

interface ReadDeps {
  readonly calls: { call(id: string): Promise<FoundCall | undefined> };
}

/** ReadRegisteredCall throws Refusal `not-found` alike for a call that is another's and for one that does not exist. */
export type ReadRegisteredCall = (connectorId: string, id: string, answerBy: number) => Promise<StoredCall>;

/** createReadRegisteredCall asks Redis each time: no process remembers a call. */
export function createReadRegisteredCall({ calls }: ReadDeps): ReadRegisteredCall {
  return async (connectorId, id, answerBy) => {
    const found = await withAnswerDeadline(calls.call(id), answerBy);
    if (found?.call.connectorId !== connectorId) throw notFoundRefusal("call", id);
    return found.call;
  };
}

/**
 * UnknownNumberCall is a call whose number is not its connector's; `owner` is the connector that has it, if any has.
 */
export interface UnknownNumberCall {
  readonly connector: Connector;
  readonly pseudoNumber: CallBody["pseudoNumber"];
  readonly owner: string | undefined;
  /** The client's IP address. */
  readonly address: string;
}

/** AuditUnknownNumber never waits and never throws: the call's answer depends on nothing here. */
export type AuditUnknownNumber = (call: UnknownNumberCall) => void;

/**
 * createAuditUnknownNumber counts by connector and by whether any connector has the number, so that neither hides the
 * other.
 */
export function createAuditUnknownNumber(auditSampler: Pick<AuditSampler, "note">): AuditUnknownNumber {
  return ({ connector: { id, name }, pseudoNumber, owner, address }) => {
    const action = owner === undefined ? "call.unknown-number" : "call.foreign-number";
    auditSampler.note({
      source: `${id} ${action}`,
      what: normalizePseudoNumberToDigits(pseudoNumber),
      entry: {
        action,
        actor: { id, name },
        address,
        connectorId: id,
        ...(owner === undefined ? {} : { targetId: owner }),
        about: { pseudoNumber },
        outcome: "refused",
        problem: "unknown-number",
      },
    });
  };
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
export function createFindContactOfHandoff({ calls }: ReadDeps): FindContactOfHandoff {
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

async function contactOfCall(calls: ReadDeps["calls"], { connectorId, callId, sharedId }: NamedCall) {
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
