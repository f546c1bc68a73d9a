/** Registered calls: register one by its number, and read it. */
import { randomBytes } from "node:crypto";
import type { CallBody } from "@baton/api";
import {
  CONTACT_ID,
  type Connector,
  createIdInShard,
  ID_RANDOM_BYTES,
  normalizePseudoNumberToDigits,
  shardOfId,
} from "@baton/domain";
import type { FoundCall, StoredCall } from "@baton/handoffs/registered-call-store";
import type { ConnectorCache } from "@baton/registry/connector-cache";
import { withAnswerDeadline } from "./request-answer-deadline.ts";
import { notFoundRefusal } from "./shared-refusals.ts";

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
 * RegisterInboundCall throws CommandTimeout at `answerBy`, and what `waitUntilReplicated` throws: the call may be kept
 * then, without its id being known.
 */
export type RegisterInboundCall = (request: CallRequest) => Promise<Registration>;

/** createRegisterInboundCall first checks whose number it is: nothing of a call with an unknown number is kept. */
export function createRegisterInboundCall({
  calls,
  waitUntilReplicated,
  connectorCache,
  now,
}: RegisterDeps): RegisterInboundCall {
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
