/** Calls that name another's number, or nobody's: their senders hear the same of both, the audit tells them apart. */
import type { CallBody } from "@baton/api";
import { type Connector, digitsOf } from "@baton/domain";
import type { AuditNotices } from "@baton/store";

/** StrayCall is a call whose number is not its connector's; `owner` is the connector that has it, if any has. */
export interface StrayCall {
  readonly connector: Connector;
  readonly pseudoNumber: CallBody["pseudoNumber"];
  readonly owner: string | undefined;
  /** The client's IP address. */
  readonly address: string;
}

/** NoteNumber never waits and never throws: the call's answer depends on nothing here. */
export type NoteNumber = (call: StrayCall) => void;

/** createNoteNumber counts by connector and by whether anybody has the number, so that neither hides the other. */
export function createNoteNumber(notices: Pick<AuditNotices, "note">): NoteNumber {
  return ({ connector: { id, name }, pseudoNumber, owner, address }) => {
    const action = owner === undefined ? "call.unknown-number" : "call.foreign-number";
    notices.note({
      source: `${id} ${action}`,
      what: digitsOf(pseudoNumber),
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
