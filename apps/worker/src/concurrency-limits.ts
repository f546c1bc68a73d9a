/**
 * Concurrency: the slots of this worker, and the limit of each connector: a quarter of them, and more only while it is
 * answered 2xx and others leave them idle.
 */

/** ConcurrencySlots: how many attempts a process may have in flight, over all its shards. */
export class ConcurrencySlots {
  readonly #count: number;
  #free: number;
  #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#count = count;
    this.#free = count;
  }

  get count(): number {
    return this.#count;
  }

  get free(): number {
    return this.#free;
  }

  /** take gives up to `max` slots, none where none is free; each is to be given back. */
  take(max: number): number {
    const taken = Math.max(0, Math.min(max, this.#free));
    this.#free -= taken;
    return taken;
  }

  give(count: number): void {
    this.#free += count;
    // One slot is for one waiter; one that finds it gone waits again.
    for (let i = 0; i < count; i++) this.#waiting.shift()?.();
  }

  /** wakeAll resolves for all that wait, slot or none: each checks whether it should go on. */
  wakeAll(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  /** untilFree resolves once a slot may be free, for one waiting caller after the other. */
  async untilFree(): Promise<void> {
    if (this.#free > 0) return;
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }
}

/**
 * countDeliveriesInFlight gives `deliver` as it was, and how many of its attempts are under way: a claim reserves more
 * than it gets.
 */
export function countDeliveriesInFlight<Given extends unknown[], Result>(
  deliver: (...given: Given) => Promise<Result>,
) {
  let inFlight = 0;
  return {
    used: () => inFlight,
    async deliver(...given: Given): Promise<Result> {
      inFlight += 1;
      try {
        return await deliver(...given);
      } finally {
        inFlight -= 1;
      }
    },
  };
}

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
