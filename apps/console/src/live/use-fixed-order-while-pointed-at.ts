/** Rows that each answer puts into another order keep their places while the pointer or the focus is among them. */
import { type FocusEvent, useState } from "react";
import type { ListWithPendingChanges } from "./list-with-pending-changes.tsx";
import { findPendingRowChanges, type IdOf, refreshRowsInPlace } from "./pending-row-changes.ts";

interface FixedRows<T> {
  readonly rows: readonly T[];
  readonly byPointer: boolean;
  readonly byFocus: boolean;
}

/** FixedOrder is what is shown; `around` is for the element in which the rows are. */
export interface FixedOrder<T> extends ListWithPendingChanges<T> {
  readonly around: FixedOrderHandlers;
}

/** FixedOrderHandlers sees where the pointer and the focus are. */
export interface FixedOrderHandlers {
  onPointerEnter(): void;
  onPointerLeave(): void;
  onFocus(): void;
  onBlur(event: FocusEvent): void;
}

/**
 * useFixedOrderWhilePointedAt gives `maxRows` rows of the newest answer; their order stays while one points at them.
 */
export function useFixedOrderWhilePointedAt<T>(
  newest: readonly T[],
  idOf: IdOf<T>,
  maxRows = Number.POSITIVE_INFINITY,
): FixedOrder<T> {
  const [fixed, setFixed] = useState<FixedRows<T>>();
  const fix = (change: Partial<Omit<FixedRows<T>, "rows">>) =>
    setFixed((before) => {
      const next = { rows: newest, byPointer: false, byFocus: false, ...before, ...change };
      return next.byPointer || next.byFocus ? next : undefined;
    });
  const rows = fixed === undefined ? newest : refreshRowsInPlace(fixed.rows, newest, idOf);
  const items = rows.slice(0, maxRows);
  return {
    items,
    changes: findPendingRowChanges(items, newest.slice(0, maxRows), idOf),
    show: () => setFixed((before) => before && { ...before, rows: newest }),
    around: {
      onPointerEnter: () => fix({ byPointer: true }),
      onPointerLeave: () => fix({ byPointer: false }),
      onFocus: () => fix({ byFocus: true }),
      onBlur: ({ currentTarget, relatedTarget }) => {
        if (!currentTarget.contains(relatedTarget)) fix({ byFocus: false });
      },
    },
  };
}
