/**
 * Cursors of a connector's own handoffs. They are sealed: where a page ended may be the id of another connector's
 * handoff.
 */
import { cursorRefusal, decodeCursor, encodeCursor } from "@baton/api";
import type { PagePosition } from "@baton/store";
import { SealBroken, UnknownKey, type Vault } from "@baton/vault";

/** HandoffCursors write where a page ended, and read it again for the same connector. */
export interface HandoffCursors {
  write(connectorId: string, position: PagePosition): string;
  /** Throws Refusal `invalid-request` for a text that `write` did not give this connector. */
  read(connectorId: string, cursor: string): PagePosition;
}

/** createHandoffCursors binds each cursor to its connector. */
export function createHandoffCursors(vault: Pick<Vault, "seal" | "open">): HandoffCursors {
  const bindingOf = (connectorId: string) => ({ connectorId, record: connectorId, field: "cursor" });
  return {
    write: (connectorId, { score, member }) =>
      vault.seal(encodeCursor([score, member]), bindingOf(connectorId)).toString("base64url"),
    read(connectorId, cursor) {
      const [score, member] = decodeCursor(open(connectorId, cursor));
      if (typeof score === "number" && typeof member === "string") return { score, member };
      throw cursorRefusal();
    },
  };

  function open(connectorId: string, cursor: string): string {
    try {
      return vault.open(Buffer.from(cursor, "base64url"), bindingOf(connectorId)).toString();
    } catch (error) {
      throw error instanceof SealBroken || error instanceof UnknownKey ? cursorRefusal() : error;
    }
  }
}
