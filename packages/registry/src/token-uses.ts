/** Which tokens were used lately: told to Redis with the heartbeat, not with each request. */

/** TOLD_MS: a token's last use is told at most once in so long, by each process. Milliseconds. */
const TOLD_MS = 60_000;
/**
 * PER_HEARTBEAT tokens are told with one heartbeat, so that the heartbeat stays short; with a heartbeat a second,
 * 30,000 a minute.
 */
const PER_HEARTBEAT = 500;

/**
 * TokenUses gathers ids between two heartbeats. Only ids of tokens that exist may be noted: each is remembered for a
 * minute.
 */
export interface TokenUses {
  note(tokenId: string): void;
  /** Gives what is to be told, once, a heartbeat's worth at a time. */
  take(): readonly string[];
  /** What could not be told is told with a later heartbeat. */
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
      const taken = untold.values().take(PER_HEARTBEAT).toArray();
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
