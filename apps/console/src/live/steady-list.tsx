/** Lists whose rows stay in their places: what a newer answer changes waits until it is asked for. */
import { type ReactNode, useState } from "react";
import { Button } from "../ui/button.tsx";
import styles from "./live.module.css";
import { compareRows, describeChanges, type IdOf, NO_CHANGES, type RowChanges, updateRows } from "./row-changes.ts";

interface ShownRows<T> {
  readonly key: string;
  readonly items: readonly T[];
}

/** SteadyList is what is shown, and what the newest answer would change. */
export interface SteadyList<T> {
  readonly items: readonly T[];
  readonly changes: RowChanges;
  show(): void;
}

/**
 * useSteadyList keeps the rows of `key` (the list's address) in their places: rows that are still there show their
 * newest state, newer ones are only counted until `show`. It is for lists with the newest first, whose last rows leave
 * a page by themselves.
 */
export function useSteadyList<T>(key: string, fetched: readonly T[], idOf: IdOf<T>): SteadyList<T> {
  const { changes, ...list } = useSteadyRanking(key, fetched, idOf);
  return { ...list, changes: { ...NO_CHANGES, added: changes.added } };
}

/** useSteadyRanking is the same for lists whose rows change places: it counts rows that are gone, too. */
export function useSteadyRanking<T>(key: string, fetched: readonly T[], idOf: IdOf<T>): SteadyList<T> {
  const [shown, setShown] = useState<ShownRows<T>>({ key, items: fetched });
  const show = () => setShown({ key, items: fetched });
  if (shown.key !== key || (shown.items.length === 0 && fetched.length > 0)) {
    // Another list, or the first rows of this one: no row is about to be clicked yet.
    setShown({ key, items: fetched });
    return { items: fetched, changes: NO_CHANGES, show };
  }
  return { items: updateRows(shown.items, fetched, idOf), changes: compareRows(shown.items, fetched, idOf), show };
}

/** Changeable is a list of whatever rows. */
type Changeable = Pick<SteadyList<never>, "changes" | "show">;

/** NewRowsButton says what waits to be shown; no row moves before it is pressed. */
export function NewRowsButton({ of: { changes, show } }: { readonly of: Changeable }) {
  const words = describeChanges(changes);
  return (
    <div className={styles.newer} aria-live="polite">
      {words !== "" && (
        <Button small onClick={show}>
          {words} · show
        </Button>
      )}
    </div>
  );
}

interface BesideNewRowsProps {
  readonly of: Changeable;
  readonly children: ReactNode;
}

/** WithNewRowsButton is what stands in a panel's head, with the button that shows what is new. */
export function WithNewRowsButton({ of, children }: BesideNewRowsProps) {
  return (
    <div className={styles.withNewRowsButton}>
      <span>{children}</span>
      <NewRowsButton of={of} />
    </div>
  );
}
