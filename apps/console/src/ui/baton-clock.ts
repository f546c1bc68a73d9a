/**
 * The time of day as the pages show it: one clock for all, that ticks each second. It goes by Baton's clock where this
 * computer's is another.
 */
import { useSyncExternalStore } from "react";

const TICK_MS = 1_000;
/** So much the two may differ: an answer has its time in whole seconds, and takes its way. Milliseconds. */
const TOLERANCE_MS = 5_000;
/** An answer that took longer says little about the time at which it was given. Milliseconds. */
const LONGEST_ANSWER_MS = 2_000;
/** An answer's `Date` leaves out parts of a second: half of one on average. Milliseconds. */
const HALF_SECOND_MS = 500;

const listeners = new Set<() => void>();
let aheadMs = 0;
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, TICK_MS);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function tick(): void {
  now = batonTimeNow();
  for (const listener of listeners) listener();
}

/** batonTimeNow gives the time by Baton's clock, epoch milliseconds. */
export function batonTimeNow(): number {
  return toBatonTime(Date.now());
}

/** toBatonTime gives an instant of this computer's clock as Baton's clock had it. Epoch milliseconds. */
export function toBatonTime(at: number): number {
  return at - aheadMs;
}

/** updateClockOffset takes an answer's time (its header `Date`), and when this computer asked for it and got it. */
export function updateClockOffset(date: string | null, askedAt: number, cameAt: number): void {
  const ahead = measureClockAheadMs(date, askedAt, cameAt);
  if (ahead === undefined || Math.abs(ahead - aheadMs) <= TOLERANCE_MS) return;
  aheadMs = Math.abs(ahead) <= TOLERANCE_MS ? 0 : ahead;
  tick();
}

/** measureClockAheadMs says how far this computer's clock is ahead of Baton's; undefined where an answer does not. */
export function measureClockAheadMs(date: string | null, askedAt: number, cameAt: number): number | undefined {
  const tookMs = cameAt - askedAt;
  const at = Date.parse(date ?? "");
  if (Number.isNaN(at) || tookMs < 0 || tookMs > LONGEST_ANSWER_MS) return undefined;
  return (askedAt + cameAt) / 2 - (at + HALF_SECOND_MS);
}

/** useNow is the time, epoch milliseconds; a component that uses it is drawn again each second. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

/** useClockAheadMs gives how far this computer's clock is ahead of Baton's, milliseconds; 0 where they agree. */
export function useClockAheadMs(): number {
  return useSyncExternalStore(subscribe, () => aheadMs);
}
