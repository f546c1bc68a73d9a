/** Which tokens were used lately: told to Redis with the pulse, not with each request. */

/** TOLD_MS: a token's last use is told at most once in so long, by each process. Milliseconds. */
const TOLD_MS = 60_000;

/** TokenUses gathers ids between two beats. Only ids of tokens that exist may be noted: each is remembered. */
export interface TokenUses {
  note(tokenId: string): void;
  /** Gives what is to be told, once. */
  take(): readonly string[];
  /** What could not be told is told with a later beat. */
  putBack(tokenIds: readonly string[]): void;
}

/** createTokenUses counts on this process's monotonic clock. */
export function createTokenUses(): TokenUses {
  const toldAt = new Map<string, number>();
  let untold = new Set<string>();
  return {
    note(tokenId) {
      if (performance.now() - (toldAt.get(tokenId) ?? Number.NEGATIVE_INFINITY) >= TOLD_MS) untold.add(tokenId);
    },
    take() {
      const taken = [...untold];
      untold = new Set();
      for (const id of taken) toldAt.set(id, performance.now());
      return taken;
    },
    putBack(tokenIds) {
      for (const id of tokenIds) untold.add(id);
    },
  };
}
