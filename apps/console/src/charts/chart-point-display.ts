/** The points of a chart, one a minute: which of them are drawn, and each in words. */
import { formatCount, formatDuration } from "../ui/format-numbers-and-times.ts";

/** ChartPoints are one value a minute; null where nothing is known. */
export type ChartPoints = readonly (number | null)[];

/**
 * hideUnfinishedMinuteWhileLower leaves out the count of the minute under way as long as it is less than the one
 * before: it would look like a drop, and is none. Once it is more, it is shown: what rises must be seen at once.
 */
export function hideUnfinishedMinuteWhileLower(points: ChartPoints): ChartPoints {
  const [before, last] = [points.at(-2) ?? 0, points.at(-1) ?? null];
  return last === null || last >= before ? points : [...points.slice(0, -1), null];
}

/** findIsolatedPointIndexes finds points without a neighbour: no line leads to them, and each is drawn by itself. */
export function findIsolatedPointIndexes(points: ArrayLike<number | null | undefined>): number[] {
  const isKnown = (index: number) => points[index] != null;
  return Array.from(points, (_, index) => index).filter(
    (index) => isKnown(index) && !isKnown(index - 1) && !isKnown(index + 1),
  );
}

/** formatChartPointValue writes one point; a dash where nothing is known. */
export function formatChartPointValue(value: number | null | undefined, unit: "" | "ms"): string {
  if (value == null) return "–";
  return unit === "ms" ? formatDuration(value) : formatCount(value);
}
