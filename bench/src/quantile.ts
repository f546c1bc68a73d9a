/** Quantiles and medians of measurements. */

/** quantile gives the smallest value that at least `share` (0 to 1) of `values` do not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
}

/** median of an even number is the lower of the two in the middle. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}
