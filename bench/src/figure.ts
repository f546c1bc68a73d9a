/** Figure: what several turns gave. */
import { median } from "./quantile.ts";

/** Figure of one quantity over all turns. */
export interface Figure {
  readonly median: number;
  readonly least: number;
  readonly most: number;
}

export function figureOf(values: readonly number[]): Figure {
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** show writes a figure as `median (least–most)`. */
export function show({ median: middle, least, most }: Figure): string {
  if (!Number.isFinite(middle)) return "–";
  return `${showNumber(middle)} (${showNumber(least)}–${showNumber(most)})`;
}

/** showNumber keeps three digits that count. */
export function showNumber(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const digits = Math.abs(value) >= 100 ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits });
}
