/** How far a run is: delivered, dead again, skipped or discarded, on their way, and to come. */
import type { Run } from "../api/answer-types.ts";
import { formatCount } from "../ui/format-numbers-and-times.ts";
import styles from "./run.module.css";
import { runProgressSegments } from "./run-progress-segments.ts";

const WIDTH = 1_000;

export function RunProgressBar({ run }: { readonly run: Run }) {
  const parts = runProgressSegments(run).filter(({ many }) => many > 0);
  const words = parts.map(({ name, many }) => `${formatCount(many)} ${name}`).join(", ");
  const scale = WIDTH / Math.max(1, run.matched);
  let x = 0;
  return (
    <svg
      className={styles.bar}
      viewBox={`0 0 ${WIDTH} 10`}
      preserveAspectRatio="none"
      role="img"
      aria-label={words === "" ? "nothing yet" : words}
    >
      {parts.map(({ name, many, look }) => {
        const from = x;
        x += many * scale;
        return <rect key={name} className={styles[look]} x={from} y={0} width={many * scale} height={10} />;
      })}
    </svg>
  );
}
