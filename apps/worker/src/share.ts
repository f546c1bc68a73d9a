/** Share: no connector holds more than a quarter of a worker process, however its CXone behaves. */
import type { Slot } from "./deliver-handoff.ts";

/** PART of the worker's slots that one connector may hold: its neighbours keep three quarters. */
const PART = 1 / 4;
/** Weight of the newest attempt in the average duration. */
const NEWEST = 1 / 8;
/** What an attempt is taken to last before any was seen. Milliseconds. */
const FIRST_GUESS_MS = 100;

interface Holding {
  held: number;
  averageMs: number;
  /** The latest moment that somebody was told; once it has passed it says nothing any more. */
  toldAt: number;
}

/** ShareOptions: `now` is epoch milliseconds on Redis's clock. */
export interface ShareOptions {
  readonly concurrency: number;
  readonly now: () => number;
}

/** createShare hands out slots by connector. */
export function createShare({ concurrency, now }: ShareOptions) {
  const most = Math.max(1, Math.floor(concurrency * PART));
  const holdings = new Map<string, Holding>();

  return {
    /** take gives a slot, or when the next one is expected free: each who asks in vain is told a later one. */
    take(connectorId: string): Slot | { readonly nextFreeAt: number } {
      const holding = holdings.get(connectorId) ?? { held: 0, averageMs: FIRST_GUESS_MS, toldAt: 0 };
      holdings.set(connectorId, holding);
      if (holding.held < most) return hold(holding);
      // After the first a slot comes free each `averageMs / most`. Who was told may have gone elsewhere: so a moment is kept, and no count.
      holding.toldAt = Math.max(holding.toldAt, now() + holding.averageMs) + Math.max(1, holding.averageMs / most);
      return { nextFreeAt: Math.ceil(holding.toldAt) };
    },

    /** connectors are the ids of those that ever took a slot. */
    connectors: (): readonly string[] => [...holdings.keys()],

    /** forget drops what is known of connectors that are no more; a slot that is still held stays counted. */
    forget(connectorIds: readonly string[]): void {
      for (const id of connectorIds) if (holdings.get(id)?.held === 0) holdings.delete(id);
    },
  };

  function hold(holding: Holding): Slot {
    holding.held += 1;
    const takenAt = performance.now();
    return {
      release() {
        holding.held -= 1;
        holding.averageMs += (performance.now() - takenAt - holding.averageMs) * NEWEST;
      },
    };
  }
}
