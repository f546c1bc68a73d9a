/** Waiting for a handoff's end, as `Prefer: wait=N` asks. */
import { hasEnded } from "@baton/domain";
import type { StoredHandoff } from "@baton/store";

/** Messages can be missed while Redis is away, so a waiter also looks by itself. Milliseconds. */
const LOOK_MS = 1_000;

interface Deps {
  readonly handoffs: { read(id: string): Promise<StoredHandoff | undefined> };
  readonly endings: { onEnded(id: string, call: () => void): () => void };
  /** Aborts when the process closes: everybody who waits is answered at once. */
  readonly closing: AbortSignal;
}

export type AwaitEnding = (stored: StoredHandoff, waitMs: number) => Promise<StoredHandoff>;

/** createAwaitEnding gives the handoff as it is once it ended, or after `waitMs`, or when the process closes. A Redis that is gone ends the wait with what was known. */
export function createAwaitEnding({ handoffs, endings, closing }: Deps): AwaitEnding {
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
        await bell.heard(Math.min(leftMs, LOOK_MS));
        latest = (await handoffs.read(id).catch(() => undefined)) ?? latest;
      }
    } finally {
      stop();
      bell.remove();
    }
  };
}

/** createBell remembers a ring that nobody was waiting for yet. */
function createBell(closing: AbortSignal) {
  let rung = false;
  let wake = () => {};
  const ring = () => {
    rung = true;
    wake();
  };
  closing.addEventListener("abort", ring, { once: true });
  return {
    ring,
    remove: () => closing.removeEventListener("abort", ring),
    /** heard resolves when the bell rings, has rung since the last time, or after `mostMs`. */
    heard(mostMs: number): Promise<void> {
      return new Promise((resolve) => {
        const timer = setTimeout(done, mostMs);
        function done() {
          clearTimeout(timer);
          rung = false;
          resolve();
        }
        wake = done;
        if (rung) done();
      });
    },
  };
}
