/**
 * Ending handoffs that are past their deadline before dead letters are listed, counted or taken: where no worker runs,
 * admin does.
 */
import type { ConnectorState } from "@baton/handoffs/read-overview-figures";
import type { ConnectorEntry } from "@baton/registry/connector-store";

/** MAX_CONNECTORS are looked at for a list of all: that takes Redis a few milliseconds. With more, none is. */
const MAX_CONNECTORS = 1_000;

interface Deps {
  readonly connectors: { count(): Promise<number>; entries(): AsyncIterable<readonly ConnectorEntry[]> };
  readonly figures: { states(connectorIds: readonly string[]): Promise<readonly ConnectorState[]> };
  readonly deadLetters: { expireOverdue(connectorId: string, now: number): Promise<void> };
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/**
 * ExpireOverdueBeforeReading ends the overdue handoffs of one connector, or of all where there are at most
 * MAX_CONNECTORS.
 */
export type ExpireOverdueBeforeReading = (connectorId?: string) => Promise<void>;

/** createExpireOverdueBeforeReading looks at the figures first: while workers run, nothing is overdue for long. */
export function createExpireOverdueBeforeReading({
  connectors,
  figures,
  deadLetters,
  now,
}: Deps): ExpireOverdueBeforeReading {
  async function expireAmong(connectorIds: readonly string[]): Promise<void> {
    for (const { connectorId, overdue } of await figures.states(connectorIds))
      if (overdue > 0) await deadLetters.expireOverdue(connectorId, now());
  }

  return async (connectorId) => {
    if (connectorId !== undefined) return expireAmong([connectorId]);
    if ((await connectors.count()) > MAX_CONNECTORS) return;
    for await (const entries of connectors.entries()) await expireAmong(entries.map(({ id }) => id));
  };
}
