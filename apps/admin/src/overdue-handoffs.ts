/**
 * Ending handoffs that are past their deadline before dead letters are listed, counted or taken: where no worker runs,
 * admin does.
 */
import type { ConnectorState } from "@baton/handoffs/figures";
import type { ReadConnectorStates } from "./connector-states.ts";

interface Deps {
  readonly readConnectorStates: ReadConnectorStates;
  readonly figures: { states(connectorIds: readonly string[]): Promise<readonly ConnectorState[]> };
  readonly deadLetters: { expireOverdue(connectorId: string, now: number): Promise<void> };
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
}

/** ExpireOverdue ends the overdue handoffs of one connector, or of all. */
export type ExpireOverdue = (connectorId?: string) => Promise<void>;

/** createExpireOverdue looks at the figures first: while workers run, nothing is overdue for long. */
export function createExpireOverdue({ readConnectorStates, figures, deadLetters, now }: Deps): ExpireOverdue {
  return async (connectorId) => {
    const states =
      connectorId === undefined ? (await readConnectorStates()).connectors : await figures.states([connectorId]);
    for (const state of states) if (state.overdue > 0) await deadLetters.expireOverdue(state.connectorId, now());
  };
}
