/** Which tokens were used lately: written to Redis with the heartbeat, not with each request. */

/** WRITTEN_MS: each process writes a token's last use down at most once in so long. Milliseconds. */
const WRITTEN_MS = 60_000;
/**
 * PER_HEARTBEAT tokens are written with one heartbeat, so that it stays short; with a heartbeat a second,
 * 30,000 a minute.
 */
const PER_HEARTBEAT = 500;

/**
 * TokenUseBuffer gathers ids between two heartbeats. Only ids of tokens that exist may be noted: each is remembered for
 * a minute.
 */
export interface TokenUseBuffer {
  note(tokenId: string): void;
  /** Gives what is to be written, once, as much as one heartbeat takes. */
  take(): readonly string[];
  /** What could not be written is written with a later heartbeat. */
  putBack(tokenIds: readonly string[]): void;
}

/** createTokenUseBuffer counts on this process's monotonic clock. */
export function createTokenUseBuffer(): TokenUseBuffer {
  // In the order in which they were written.
  const writtenAt = new Map<string, number>();
  const unwritten = new Set<string>();

  function forgetOld(now: number): void {
    for (const [id, at] of writtenAt) {
      if (now - at < WRITTEN_MS) return;
      writtenAt.delete(id);
    }
  }

  return {
    note(tokenId) {
      if (performance.now() - (writtenAt.get(tokenId) ?? Number.NEGATIVE_INFINITY) >= WRITTEN_MS)
        unwritten.add(tokenId);
    },
    take() {
      const now = performance.now();
      forgetOld(now);
      const taken = unwritten.values().take(PER_HEARTBEAT).toArray();
      for (const id of taken) {
        unwritten.delete(id);
        writtenAt.delete(id);
        writtenAt.set(id, now);
      }
      return taken;
    },
    putBack(tokenIds) {
      for (const id of tokenIds) unwritten.add(id);
    },
  };
}
