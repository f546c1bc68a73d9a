/**
 * The concurrency limit of each connector: a quarter of the worker's slots, and more only while it is answered 2xx and
 * others leave them idle.
 */

/**
 * LIMIT_RATIO is the part of the worker's slots that one connector may always hold: its neighbours keep three quarters.
 */
const LIMIT_RATIO = 1 / 4;
/** A 2xx counts as recent in the second it came in and the one after. Milliseconds. */
const RECENT_MS = 1_000;

interface ConnectorUse {
  held: number;
  /** 2xx of the second `second`, and of the one before. */
  second: number;
  accepted: number;
  acceptedBefore: number;
}

export interface ConnectorConcurrencyLimitOptions {
  readonly slots: { readonly count: number; readonly free: number };
  /** A monotonic clock, milliseconds. */
  readonly clock: () => number;
}

export type ConnectorConcurrencyLimit = ReturnType<typeof createConnectorConcurrencyLimit>;

/** createConnectorConcurrencyLimit counts what each connector has in flight. */
export function createConnectorConcurrencyLimit({ slots, clock }: ConnectorConcurrencyLimitOptions) {
  const quarter = Math.max(1, Math.floor(slots.count * LIMIT_RATIO));
  const holdings = new Map<string, ConnectorUse>();
  /** Those that had no free slot when they were asked for last. */
  let full: readonly string[] = [];

  /** recentlyAccepted counts the 2xx of this second and the last. */
  function recentlyAccepted(holding: ConnectorUse): number {
    const second = Math.floor(clock() / RECENT_MS);
    if (second !== holding.second) {
      holding.acceptedBefore = second === holding.second + 1 ? holding.accepted : 0;
      holding.accepted = 0;
      holding.second = second;
    }
    return holding.accepted + holding.acceptedBefore;
  }

  /**
   * freeOf: its quarter, and beyond it one slot for each recent 2xx, for as long as that leaves half of all slots free.
   */
  function freeOf(holding: ConnectorUse, taken = 0): number {
    const idle = slots.free + taken - Math.ceil(slots.count / 2);
    const earned = Math.min(quarter + recentlyAccepted(holding) - holding.held, idle);
    return Math.max(0, quarter - holding.held, earned);
  }

  function isFree(connectorId: string): boolean {
    const holding = holdings.get(connectorId);
    return holding === undefined || freeOf(holding) > 0;
  }

  return {
    /** What a connector without anything in flight may begin. */
    limit: quarter,

    begin(connectorId: string): void {
      const holding = holdings.get(connectorId) ?? { held: 0, second: 0, accepted: 0, acceptedBefore: 0 };
      holdings.set(connectorId, holding);
      holding.held += 1;
    },

    /**
     * end gives whether a connector may begin again that had no free slot: this one, or one that waits for half of all.
     */
    end(connectorId: string, isAccepted: boolean): boolean {
      const holding = holdings.get(connectorId);
      if (holding === undefined) return false;
      const wasFull = freeOf(holding) === 0;
      holding.held -= 1;
      recentlyAccepted(holding);
      if (isAccepted) holding.accepted += 1;
      if (holding.held === 0 && recentlyAccepted(holding) === 0) holdings.delete(connectorId);
      return wasFull || full.some((id) => isFree(id));
    },

    /**
     * free gives, for each connector that may begin fewer than `max`, how many it may; `taken` slots are those that
     * ask.
     */
    free(max: number, taken: number): ReadonlyMap<string, number> {
      const free = new Map<string, number>();
      for (const [connectorId, holding] of holdings) {
        const left = freeOf(holding, taken);
        if (holding.held === 0 && recentlyAccepted(holding) === 0) holdings.delete(connectorId);
        else if (left < max) free.set(connectorId, left);
      }
      full = [...free].filter(([, left]) => left === 0).map(([connectorId]) => connectorId);
      return free;
    },
  };
}
