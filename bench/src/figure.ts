/** Figures over several turns of a measurement, and how they are written. */

/** Figure of one quantity over all turns. */
export interface Figure {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function figureOf(values: readonly number[]): Figure {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** formatFigure writes a figure as `median (least–most)`. */
export function formatFigure({ median: middle, least, most }: Figure): string {
  if (!Number.isFinite(middle)) return "–";
  return `${formatNumber(middle)} (${formatNumber(least)}–${formatNumber(most)})`;
}

/** formatNumber keeps three digits that count. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** quantile gives the smallest value that at least `share` (0 to 1) of `values` do not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** median of an even number is the lower of the two in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
