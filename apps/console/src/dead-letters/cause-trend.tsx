/** How often a cause came in the last hour: a bar for each ten minutes, and a word. */
import type { Cause } from "../api/answer-types.ts";
import { useNow } from "../ui/baton-clock.ts";
import styles from "./cause-trend.module.css";
import { judgeCauseTrend } from "./judge-cause-trend.ts";

const [BAR, STEP, HEIGHT] = [5, 6, 14];
/** What stands for none. */
const LEAST = 1;

export function CauseTrend({ cause }: { readonly cause: Cause }) {
  const trend = judgeCauseTrend(cause, useNow());
  if (trend === undefined) return null;
  return (
    <span className={styles.trend}>
      <TrendBars counts={cause.perTenMinutes} />
      {trend}
    </span>
  );
}

function TrendBars({ counts }: { readonly counts: readonly number[] }) {
  const most = Math.max(1, ...counts);
  const bars = counts.map((count, place) => ({ x: place * STEP, height: Math.max(LEAST, (count / most) * HEIGHT) }));
  return (
    <svg
      className={styles.bars}
      viewBox={`0 0 ${counts.length * STEP} ${HEIGHT}`}
      width={counts.length * STEP}
      height={HEIGHT}
      role="img"
      aria-label={`The last hour by ten minutes: ${counts.join(", ")}`}
    >
      {bars.map(({ x, height }) => (
        <rect key={x} x={x} y={HEIGHT - height} width={BAR} height={height} />
      ))}
    </svg>
  );
}
