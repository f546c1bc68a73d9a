/** What a loader is to leave in Redis. */

/**
 * Leftover of a handoff that a loader took through the store's own scripts: `held` by its connector's pause, with its
 * job at the deadline; `dead`, refused by CXone, with its letter filed; `ended`, delivered.
 */
export type Leftover = "held" | "dead" | "ended";

export interface FillOrder {
  readonly redisPort: number;
  readonly namespace: string;
  readonly keyring: string;
  readonly connectorIds: readonly string[];
  readonly leftover: Leftover;
  readonly firstContact: number;
  readonly count: number;
}

export type FillAnswer = { readonly left: number } | { readonly error: string };
