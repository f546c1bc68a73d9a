/** Whether a cause comes more often or less: the last twenty minutes beside the twenty before. */
import type { Cause } from "../api/answer-types.ts";

/** Trend is how often it comes now; `stopped`: in the last hour, but not in its last twenty minutes. */
export type Trend = "new" | "rising" | "steady" | "falling" | "stopped";

const SPAN_MS = 1_200_000;
/** By so large a part more or less is neither rising nor falling. */
const STEADY_WITHIN = 0.25;

/** judgeCauseTrend gives undefined where none died within the last hour; `now` is epoch milliseconds. */
export function judgeCauseTrend(cause: Pick<Cause, "perTenMinutes" | "firstAt">, now: number): Trend | undefined {
  const { perTenMinutes: counts, firstAt } = cause;
  const [earlier, recent] = [sum(counts.slice(-4, -2)), sum(counts.slice(-2))];
  if (sum(counts) === 0) return undefined;
  if (recent === 0) return "stopped";
  if (now - Date.parse(firstAt) < SPAN_MS) return "new";
  if (recent > earlier * (1 + STEADY_WITHIN)) return "rising";
  return recent < earlier * (1 - STEADY_WITHIN) ? "falling" : "steady";
}

function sum(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
