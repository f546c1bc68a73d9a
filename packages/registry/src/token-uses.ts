/** Which tokens were used lately: told to Redis with the pulse, not with each request. */

/** TOLD_MS: a token's last use is told at most once in so long, by each process. Milliseconds. */
const TOLD_MS = 60_000;
/** PER_BEAT tokens are told with one beat, so that the pulse stays short; with a beat a second, 30,000 a minute. */
const PER_BEAT = 500;

/**
 * TokenUses gathers ids between two beats. Only ids of tokens that exist may be noted: each is remembered for a minute.
 */
export interface TokenUses {
  note(tokenId: string): void;
  /** Gives what is to be told, once, a beat's worth at a time. */
  take(): readonly string[];
  /** What could not be told is told with a later beat. */
  putBack(tokenIds: readonly string[]): void;
}

/** createTokenUses counts on this process's monotonic clock. */
export function createTokenUses(): TokenUses {
  // In the order of their telling.
  const toldAt = new Map<string, number>();
  const untold = new Set<string>();

  function forgetOld(now: number): void {
    for (const [id, at] of toldAt) {
      if (now - at < TOLD_MS) return;
      toldAt.delete(id);
    }
  }

  return {
    note(tokenId) {
      if (performance.now() - (toldAt.get(tokenId) ?? Number.NEGATIVE_INFINITY) >= TOLD_MS) untold.add(tokenId);
    },
    take() {
      const now = performance.now();
      forgetOld(now);
      const taken = untold.values().take(PER_BEAT).toArray();
      for (const id of taken) {
        untold.delete(id);
        toldAt.delete(id);
        toldAt.set(id, now);
      }
      return taken;
    },
    putBack(tokenIds) {
      for (const id of tokenIds) untold.add(id);
    },
  };
}
