/** Lists that do not move under the hand: what is new waits until it is asked for. */
import { useState } from "react";
import { Button } from "../ui/button.tsx";
import styles from "./live.module.css";

interface Shown<T> {
  readonly key: string;
  readonly items: readonly T[];
}

/** SteadyList is what is shown, and how many newer items wait. */
export interface SteadyList<T> {
  readonly items: readonly T[];
  readonly newer: number;
  show(): void;
}

/**
 * useSteadyList keeps the rows of `key` (the list's address) in their places: rows that are still there show their
 * newest state, newer ones are only counted until `show`.
 */
export function useSteadyList<T>(key: string, fetched: readonly T[], idOf: (item: T) => string): SteadyList<T> {
  const [shown, setShown] = useState<Shown<T>>({ key, items: fetched });
  if (shown.key !== key || (shown.items.length === 0 && fetched.length > 0)) {
    // Another list, or the first rows of this one: no row is about to be clicked yet.
    setShown({ key, items: fetched });
    return { items: fetched, newer: 0, show: () => undefined };
  }
  const newest = new Map(fetched.map((item) => [idOf(item), item]));
  const ids = new Set(shown.items.map(idOf));
  return {
    items: shown.items.map((item) => newest.get(idOf(item)) ?? item),
    newer: fetched.filter((item) => !ids.has(idOf(item))).length,
    show: () => setShown({ key, items: fetched }),
  };
}

/** NewRowsButton says how many rows wait to be shown; nothing moves before it is pressed. */
export function NewRowsButton<T>({ of }: { readonly of: SteadyList<T> }) {
  return (
    <div className={styles.newer} aria-live="polite">
      {of.newer > 0 && (
        <Button small onClick={of.show}>
          {of.newer} new · show
        </Button>
      )}
    </div>
  );
}
