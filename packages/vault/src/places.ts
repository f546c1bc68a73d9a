/** The places of everything that is sealed. Each is bound to where it lies, so `baton reseal` must know them all. */
import type { Binding } from "./vault.ts";

/**
 * SEALED_KINDS is everything that rests sealed: a connector's credentials and CXone access, a handoff's parameters and
 * context.
 */
export const SEALED_KINDS = ["credentials", "access", "params", "context"] as const;
export type SealedKind = (typeof SEALED_KINDS)[number];

/** placeOf is where a sealed thing belongs; `record` is the id of the handoff, or of the connector itself. */
export function placeOf(kind: SealedKind, connectorId: string, record: string = connectorId): Binding {
  return { connectorId, record, field: kind };
}
