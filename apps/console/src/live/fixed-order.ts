/** Rows that each answer puts into another order keep their places while the pointer or the focus is among them. */
import { type FocusEvent, useState } from "react";
import { compareRows, type IdOf, updateRows } from "./row-changes.ts";
import type { SteadyList } from "./steady-list.tsx";

interface FixedRows<T> {
  readonly rows: readonly T[];
  readonly byPointer: boolean;
  readonly byFocus: boolean;
}

/** FixedOrder is what is shown; `around` is for the element in which the rows are. */
export interface FixedOrder<T> extends SteadyList<T> {
  readonly around: FixedOrderHandlers;
}

/** FixedOrderHandlers sees where the pointer and the focus are. */
export interface FixedOrderHandlers {
  onPointerEnter(): void;
  onPointerLeave(): void;
  onFocus(): void;
  onBlur(event: FocusEvent): void;
}

/** useFixedOrder shows `maxRows` rows of the newest answer, and keeps their order as long as one points at them. */
export function useFixedOrder<T>(
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
  const rows = fixed === undefined ? newest : updateRows(fixed.rows, newest, idOf);
  const items = rows.slice(0, maxRows);
  return {
    items,
    changes: compareRows(items, newest.slice(0, maxRows), idOf),
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
