/** The pause switch of the pages' updates: where it is on, nothing is asked for by itself. */
import { useSyncExternalStore } from "react";

const listeners = new Set<() => void>();
let paused = false;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** setUpdatesPaused stops or goes on with updates on all pages. */
export function setUpdatesPaused(next: boolean): void {
  paused = next;
  for (const listener of listeners) listener();
}

/** areUpdatesPaused reads the switch as it stands. */
export function areUpdatesPaused(): boolean {
  return paused;
}

/** useUpdatesPaused is the switch, for what is drawn. */
export function useUpdatesPaused(): boolean {
  return useSyncExternalStore(subscribe, areUpdatesPaused);
}
