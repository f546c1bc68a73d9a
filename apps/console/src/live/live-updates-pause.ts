/** The pause switch of the pages' updates: where it is on, nothing is asked for by itself. */
import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let paused = false;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** setLiveUpdatesPaused stops or goes on with updates on all pages. */
export function setLiveUpdatesPaused(next: boolean): void {
  paused = next;
  for (const listener of listeners) listener();
}

/** areLiveUpdatesPaused reads the switch as it stands. */
export function areLiveUpdatesPaused(): boolean {
  return paused;
}

/** useLiveUpdatesPaused is the switch, for what is drawn. */
export function useLiveUpdatesPaused(): boolean {
  return useSyncExternalStore(subscribe, areLiveUpdatesPaused);
}
