/** Waiting for a handoff's end, as `Prefer: wait=N` asks. */
import { hasEnded } from "@baton/domain";
import type { StoredHandoff } from "@baton/handoffs/record";

/** LOOK_MS: messages can be missed while Redis is away, so a waiter also looks by itself this often. Milliseconds. */
const LOOK_MS = 1_000;

interface Deps {
  readonly handoffs: { read(id: string, options: { isAwaited: boolean }): Promise<StoredHandoff | undefined> };
  readonly endings: { onEnded(id: string, call: () => void): () => void };
  /** Aborts when the process closes: everybody who waits is answered at once. */
  readonly closing: AbortSignal;
  /** How often a waiter looks by itself, milliseconds; LOOK_MS unless said. */
  readonly lookMs?: number;
}

export type AwaitEnding = (stored: StoredHandoff, waitMs: number) => Promise<StoredHandoff>;

/**
 * createAwaitEnding gives the handoff as it is once it ended, or after `waitMs`, or when the process closes. A Redis
 * that is gone ends the wait with what was known.
 */
export function createAwaitEnding({ handoffs, endings, closing, lookMs = LOOK_MS }: Deps): AwaitEnding {
  return async (stored, waitMs) => {
    const { id } = stored.handoff;
    const endsAt = performance.now() + waitMs;
    let latest = stored;
    const bell = createBell(closing);
    const stop = endings.onEnded(id, bell.ring);
    try {
      for (;;) {
        const leftMs = endsAt - performance.now();
        if (hasEnded(latest.handoff.status) || leftMs <= 0 || closing.aborted) return latest;
        await bell.heard(Math.min(leftMs, lookMs));
        latest = (await handoffs.read(id, { isAwaited: true }).catch(() => undefined)) ?? latest;
      }
    } finally {
      stop();
      bell.remove();
    }
  };
}

/** createBell keeps a ring until it is heard, also one that comes while the handoff is being read. */
function createBell(closing: AbortSignal) {
  let hasRung = false;
  let wake = () => {};
  const ring = () => {
    hasRung = true;
    wake();
  };
  closing.addEventListener("abort", ring, { once: true });
  return {
    ring,
    remove: () => closing.removeEventListener("abort", ring),
    /** heard resolves once the bell has rung since it was last heard, or after `mostMs`. */
    async heard(mostMs: number): Promise<void> {
      let timer: NodeJS.Timeout | undefined;
      if (!hasRung) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(wake, mostMs);
        });
      }
      clearTimeout(timer);
      // Only who is about to look forgets the ring: a waker that is left over from before must not.
      hasRung = false;
    },
  };
}
