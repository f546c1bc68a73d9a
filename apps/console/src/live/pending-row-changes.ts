/** Rows that stay in their places while newer answers come in, and what those answers would change. */
import { formatCount } from "../ui/format-numbers-and-times.ts";

/** IdOf gives what a row is known by. */
export type IdOf<T> = (row: T) => string;

/** PendingRowChanges is what would change if the newest answer were shown as it is. */
export interface PendingRowChanges {
  /** How many rows would be added. */
  readonly added: number;
  /** The ids of rows that the newest answer does not have. */
  readonly gone: ReadonlySet<string>;
  readonly isReordered: boolean;
}

export const NO_CHANGES: PendingRowChanges = { added: 0, gone: new Set(), isReordered: false };

/** refreshRowsInPlace gives the rows that are shown, in their places, each as the newest answer has it. */
export function refreshRowsInPlace<T>(shown: readonly T[], newest: readonly T[], idOf: IdOf<T>): readonly T[] {
  const byId = new Map(newest.map((row) => [idOf(row), row]));
  return shown.map((row) => byId.get(idOf(row)) ?? row);
}

/** findPendingRowChanges says what is different in the newest answer: rows that are there or gone, and their order. */
export function findPendingRowChanges<T>(shown: readonly T[], newest: readonly T[], idOf: IdOf<T>): PendingRowChanges {
  if (shown === newest) return NO_CHANGES;
  const [shownIds, newestIds] = [shown.map(idOf), newest.map(idOf)];
  const [isShown, isNewest] = [new Set(shownIds), new Set(newestIds)];
  const stayed = shownIds.filter((id) => isNewest.has(id));
  const order = newestIds.filter((id) => isShown.has(id));
  return {
    added: newestIds.length - order.length,
    gone: new Set(shownIds.filter((id) => !isNewest.has(id))),
    isReordered: stayed.some((id, place) => id !== order[place]),
  };
}

/** describePendingRowChanges says it in words, such as `2 new, 1 gone`; empty for no change. */
export function describePendingRowChanges({ added, gone, isReordered }: PendingRowChanges): string {
  return [
    added > 0 ? `${formatCount(added)} new` : "",
    gone.size > 0 ? `${formatCount(gone.size)} gone` : "",
    isReordered ? "another order" : "",
  ]
    .filter((words) => words !== "")
    .join(", ");
}
