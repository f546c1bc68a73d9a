/** The slots of this worker: how many attempts it may have in flight, and how many it has. */

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
