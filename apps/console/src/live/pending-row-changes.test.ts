import { expect, it } from "vitest";
import {
  describePendingRowChanges,
  findPendingRowChanges,
  NO_CHANGES,
  refreshRowsInPlace,
} from "./pending-row-changes.ts";

interface Row {
  readonly id: string;
  readonly count: number;
}

const idOf = ({ id }: Row) => id;

function rows(counts: Readonly<Record<string, number>>): readonly Row[] {
  return Object.entries(counts).map(([id, count]) => ({ id, count }));
}

it("keeps rows in their places, each with its newest figures, and those that are gone as they were", () => {
  const shown = rows({ a: 3, b: 2, c: 1 });
  expect(refreshRowsInPlace(shown, rows({ d: 9, b: 5, a: 4 }), idOf)).toEqual(rows({ a: 4, b: 5, c: 1 }));
});

it("says what is new, what is gone, and that the order is another", () => {
  const shown = rows({ a: 3, b: 2, c: 1 });
  const wordsOf = (newest: readonly Row[]) => describePendingRowChanges(findPendingRowChanges(shown, newest, idOf));
  expect(wordsOf(rows({ d: 9, e: 8, b: 5, a: 4 }))).toBe("2 new, 1 gone, another order");
  expect(wordsOf(rows({ a: 9, d: 8, b: 5, c: 4 }))).toBe("1 new");
  expect(wordsOf(rows({ b: 5, a: 4, c: 4 }))).toBe("another order");
  expect(wordsOf(rows({ a: 3, c: 1 }))).toBe("1 gone");
  expect(wordsOf(rows({ a: 9, b: 8, c: 7 }))).toBe("");
  expect(findPendingRowChanges(shown, shown, idOf)).toBe(NO_CHANGES);
});
