/** Registering a call: whose number it came in on, and which contact it is. */
import { randomBytes } from "node:crypto";
import type { CallBody } from "@baton/api";
import { CONTACT_ID, type Connector, createId, digitsOf, ID_RANDOM_BYTES, Refusal, shardOf } from "@baton/domain";
import type { StoredCall } from "@baton/store";
import { inTime } from "./in-time.ts";

interface Deps {
  readonly calls: { register(call: StoredCall): Promise<void> };
  /** Resolves once the call is as safe as `BATON_DURABILITY` asks; throws when it is not in time. */
  readonly replicated: (id: string) => Promise<void>;
  readonly directory: { ownerOf(pseudoNumber: string): Promise<string | undefined> };
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** CallRequest is a call as it was sent, and the connector whose token came with it. */
export interface CallRequest {
  readonly connector: Connector;
  /** When its sender must have heard, as attentionNow() counts. */
  readonly answerBy: number;
  readonly body: CallBody;
}

/**
 * Registration: a number that is not this connector's is refused alike whoever has it; for the log, `owner` is the
 * connector that does, undefined where nobody has it.
 */
export type Registration =
  | { readonly kind: "registered"; readonly call: StoredCall }
  | { readonly kind: "foreign"; readonly owner?: string };

/**
 * RegisterCall throws NoAnswer at `answerBy`, and what `replicated` throws: the call may be kept then, and nobody knows
 * its id.
 */
export type RegisterCall = (request: CallRequest) => Promise<Registration>;

/** createRegisterCall looks whose number it is first: nothing of a stray call is kept. */
export function createRegisterCall({ calls, replicated, directory, now }: Deps): RegisterCall {
  return async ({ connector, answerBy, body }) => {
    const { id: connectorId, accountId, projectId, environment, pseudoNumbers } = connector;
    const number = digitsOf(body.pseudoNumber);
    if (!pseudoNumbers.some((own) => digitsOf(own) === number)) {
      const owner = await inTime(directory.ownerOf(number), answerBy);
      return { kind: "foreign", ...(owner === undefined ? {} : { owner }) };
    }
    const contactId = findContactId(body.sipHeaders, connector.contactIdHeader);
    const call: StoredCall = {
      id: createId("ca", shardOf("cn", connectorId) ?? 0, now(), randomBytes(ID_RANDOM_BYTES)),
      connectorId,
      accountId,
      projectId,
      environment,
      ...(contactId === undefined ? {} : { contactId }),
      ...(body.sharedId === undefined ? {} : { sharedId: body.sharedId }),
    };
    await inTime(calls.register(call), answerBy);
    await inTime(replicated(call.id), answerBy);
    return { kind: "registered", call };
  };
}

/** unknownNumber is the one answer for a number of another client and for one of nobody. */
export function unknownNumber(): Refusal {
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
