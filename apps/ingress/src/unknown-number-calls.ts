/** Calls whose number is not their connector's: refused alike, and audited. */
import type { CallBody } from "@baton/api";
import { type Connector, normalizePseudoNumberToDigits, Refusal } from "@baton/domain";
import type { RefusalAuditSampler } from "@baton/registry/refusal-audit-sampler";

/** unknownNumberRefusal is the one answer for a number of another client and for one that no client has. */
export function unknownNumberRefusal(): Refusal {
  return new Refusal("unknown-number", "this connector has no such pseudo number; an administrator can add it");
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

/** AuditUnknownNumberCall never waits and never throws: the call's answer depends on nothing here. */
export type AuditUnknownNumberCall = (call: UnknownNumberCall) => void;

/**
 * createAuditUnknownNumberCall counts by connector and by whether any connector has the number, so that neither hides
 * the other.
 */
export function createAuditUnknownNumberCall(auditSampler: Pick<RefusalAuditSampler, "note">): AuditUnknownNumberCall {
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
