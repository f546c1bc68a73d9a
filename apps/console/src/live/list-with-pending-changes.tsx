/** Lists whose rows stay in their places: what a newer answer changes waits until it is asked for. */
import { type ReactNode, useState } from "react";
import { Button } from "../ui/button.tsx";
import styles from "./live.module.css";
import {
  describePendingRowChanges,
  findPendingRowChanges,
  type IdOf,
  NO_CHANGES,
  type PendingRowChanges,
  refreshRowsInPlace,
} from "./pending-row-changes.ts";

interface ShownRows<T> {
  readonly key: string;
  readonly items: readonly T[];
}

/** ListWithPendingChanges is what is shown, and what the newest answer would change. */
export interface ListWithPendingChanges<T> {
  readonly items: readonly T[];
  readonly changes: PendingRowChanges;
  show(): void;
}

/**
 * useListWithPendingNewRows keeps the rows of `key` (the list's address) in their places: rows that are still there
 * show their newest state, newer ones are only counted until `show`. It is for lists with the newest first, whose last
 * rows leave a page by themselves.
 */
export function useListWithPendingNewRows<T>(
  key: string,
  fetched: readonly T[],
  idOf: IdOf<T>,
): ListWithPendingChanges<T> {
  const { changes, ...list } = useListWithPendingChanges(key, fetched, idOf);
  return { ...list, changes: { ...NO_CHANGES, added: changes.added } };
}

/** useListWithPendingChanges is the same for lists whose rows change places: it counts rows that are gone, too. */
export function useListWithPendingChanges<T>(
  key: string,
  fetched: readonly T[],
  idOf: IdOf<T>,
): ListWithPendingChanges<T> {
  const [shown, setShown] = useState<ShownRows<T>>({ key, items: fetched });
  const show = () => setShown({ key, items: fetched });
  if (shown.key !== key || (shown.items.length === 0 && fetched.length > 0)) {
    // Another list, or the first rows of this one: no row is about to be clicked yet.
    setShown({ key, items: fetched });
    return { items: fetched, changes: NO_CHANGES, show };
  }
  return {
    items: refreshRowsInPlace(shown.items, fetched, idOf),
    changes: findPendingRowChanges(shown.items, fetched, idOf),
    show,
  };
}

/** PendingChanges are those of a list of whatever rows. */
type PendingChanges = Pick<ListWithPendingChanges<never>, "changes" | "show">;

/** NewRowsButton says what waits to be shown; no row moves before it is pressed. */
export function NewRowsButton({ of: { changes, show } }: { readonly of: PendingChanges }) {
  const words = describePendingRowChanges(changes);
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

interface PanelNoteWithNewRowsButtonProps {
  readonly of: PendingChanges;
  readonly children: ReactNode;
}

/** PanelNoteWithNewRowsButton is what stands in a panel's head, with the button that shows what is new. */
export function PanelNoteWithNewRowsButton({ of, children }: PanelNoteWithNewRowsButtonProps) {
  return (
    <div className={styles.withNewRowsButton}>
      <span>{children}</span>
      <NewRowsButton of={of} />
    </div>
  );
}
