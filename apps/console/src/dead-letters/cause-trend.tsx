/** How often a cause came in the last hour: a bar for each ten minutes, and a word. */
import type { Cause } from "../api/shapes.ts";
import { useNow } from "../ui/clock.ts";
import styles from "./cause-trend.module.css";
import { trendOf } from "./trend.ts";

const [BAR, STEP, HEIGHT] = [5, 6, 14];
/** What stands for none. */
const LEAST = 1;

export function CauseTrend({ cause }: { readonly cause: Cause }) {
  const trend = trendOf(cause, useNow());
  if (trend === undefined) return null;
  return (
    <span className={styles.trend}>
      <Bars counts={cause.perTenMinutes} />
      {trend}
    </span>
  );
}

function Bars({ counts }: { readonly counts: readonly number[] }) {
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
