/** Waiting for a handoff's end, as `Prefer: wait=N` asks. */
import { hasEnded } from "@baton/domain";
import type { StoredHandoff } from "@baton/handoffs/handoff-record";
import { nowWithoutEventLoopLag, withEventLoopAwareTimeout } from "@baton/redis/event-loop-aware-redis-timeout";

/** POLL_MS: messages can be missed while Redis is away, so a waiter also looks by itself this often. Milliseconds. */
const POLL_MS = 1_000;
/** LAST_LOOK_MS: a caller's time may end with a look at the handoff, for which Redis gets so long. Milliseconds. */
const LAST_LOOK_MS = 100;

interface Deps {
  readonly handoffs: { read(id: string, options: { isAwaited: boolean }): Promise<StoredHandoff | undefined> };
  readonly endings: { onEnded(id: string, call: () => void): () => void };
  /** Aborts when the process closes: all that wait are answered at once. */
  readonly closing: AbortSignal;
  /** Epoch milliseconds on Redis's clock. */
  readonly now: () => number;
  /** How often a waiter looks by itself, milliseconds; POLL_MS unless said. */
  readonly pollMs?: number;
}

export type WaitForCompletion = (stored: StoredHandoff, waitMs: number) => Promise<StoredHandoff>;

/**
 * createWaitForCompletion gives the handoff as it is once it ended, or after `waitMs`, or when the process closes. A
 * Redis that is gone ends the wait with what was known.
 */
export function createWaitForCompletion(deps: Deps): WaitForCompletion {
  const { handoffs, endings, closing, now, pollMs = POLL_MS } = deps;
  return async (stored, waitMs) => {
    const { id } = stored.handoff;
    const endsAt = performance.now() + waitMs;
    let latest = stored;
    const signal = createWakeSignal(closing);
    const stop = endings.onEnded(id, signal.set);
    try {
      for (;;) {
        const leftMs = endsAt - performance.now();
        if (hasEnded(latest.handoff.status) || leftMs <= 0 || closing.aborted) return latest;
        await signal.waited(Math.min(leftMs, pollMs, untilDeadlineMs(latest, now())));
        const lookEndsAt = nowWithoutEventLoopLag() + Math.max(0, endsAt - performance.now()) + LAST_LOOK_MS;
        const look = handoffs.read(id, { isAwaited: true });
        latest = (await withEventLoopAwareTimeout(look, lookEndsAt, noAnswer).catch(() => undefined)) ?? latest;
      }
    } finally {
      stop();
      signal.remove();
    }
  };
}

function noAnswer(): Error {
  return new Error("Redis did not answer within the time that the caller waits");
}

/** untilDeadlineMs: a handoff expires at its deadline, and no message says so while no worker runs. */
function untilDeadlineMs({ handoff }: StoredHandoff, now: number): number {
  return handoff.deadlineAt < now ? Number.POSITIVE_INFINITY : handoff.deadlineAt - now + 1;
}

/** createWakeSignal stays set until it was waited for, also where it is set while the handoff is being read. */
function createWakeSignal(closing: AbortSignal) {
  let isSet = false;
  let wake = () => {};
  const set = () => {
    isSet = true;
    wake();
  };
  closing.addEventListener("abort", set, { once: true });
  return {
    set,
    remove: () => closing.removeEventListener("abort", set),
    /** waited resolves once the signal was set since the last wait, or after `maxWaitMs`. */
    async waited(maxWaitMs: number): Promise<void> {
      let timer: NodeJS.Timeout | undefined;
      if (!isSet) {
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(wake, maxWaitMs);
        });
      }
      clearTimeout(timer);
      // Reset only here, where the handoff is about to be read: a wake function left over from before must not.
      isSet = false;
    },
  };
}
