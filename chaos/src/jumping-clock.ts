/**
 * A wall clock that jumps, loaded before a process's own code: SIGUSR2 sets it ahead by JUMP_MS, the next SIGUSR2 sets
 * it right again. Baton knows nothing of it. The monotonic clock (`performance.now`) goes on, as it does where a real
 * clock is set.
 */

/** An hour: farther than any time limit of Baton's. */
const JUMP_MS = 3_600_000;

const rightNow = Date.now.bind(Date);
let aheadMs = 0;

process.on("SIGUSR2", () => {
  aheadMs = aheadMs === 0 ? JUMP_MS : 0;
});

globalThis.Date = class extends Date {
  constructor(...given: readonly unknown[]) {
    if (given.length === 0) super(rightNow() + aheadMs);
    else super(...(given as [number]));
  }

  static override now(): number {
    return rightNow() + aheadMs;
  }
} as DateConstructor;
