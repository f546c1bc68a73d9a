/** What is drawn of what was counted minute by minute. */
import { formatCount, formatDuration } from "../ui/format.ts";

/** Points: null where nothing is known. */
export type Points = readonly (number | null)[];

/**
 * withoutFalseDrop leaves out the count of the minute under way as long as it is less than the one before: it would
 * look like a drop, and is none. Once it is more, it is shown: what rises must be seen at once.
 */
export function withoutFalseDrop(points: Points): Points {
  const [before, last] = [points.at(-2) ?? 0, points.at(-1) ?? null];
  return last === null || last >= before ? points : [...points.slice(0, -1), null];
}

/** isolatedPoints are the places of points without a neighbour: no line leads to them, and each is drawn by itself. */
export function isolatedPoints(points: ArrayLike<number | null | undefined>): number[] {
  const isKnown = (index: number) => points[index] != null;
  return Array.from(points, (_, index) => index).filter(
    (index) => isKnown(index) && !isKnown(index - 1) && !isKnown(index + 1),
  );
}

/** writePoint writes one point; a dash where nothing is known. */
export function writePoint(value: number | null | undefined, unit: "" | "ms"): string {
  if (value == null) return "–";
  return unit === "ms" ? formatDuration(value) : formatCount(value);
}
