/** How far a run is: delivered, dead again, skipped or discarded, on their way, and to come. */
import type { Run } from "../api/answer-types.ts";
import { formatCount } from "../ui/format.ts";
import styles from "./run.module.css";

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

/** RunProgressSegment is the share of a run's dead letters that came to one result. */
export interface RunProgressSegment {
  readonly name: string;
  readonly many: number;
  readonly look: "good" | "bad" | "warn" | "accent" | "plain";
}

/** runProgressSegments splits a run by what became of its dead letters; what is left is to come. */
export function runProgressSegments({
  delivered,
  diedAgain,
  skipped,
  discarded,
  outstanding,
}: Run): readonly RunProgressSegment[] {
  return [
    { name: "delivered", many: delivered, look: "good" },
    { name: "discarded", many: discarded, look: "plain" },
    { name: "died again", many: diedAgain, look: "bad" },
    { name: "skipped", many: skipped, look: "warn" },
    { name: "on their way", many: outstanding, look: "accent" },
  ];
}

/** countItemsToCome counts those of a run with which nothing has been done. */
export function countItemsToCome(run: Run): number {
  return Math.max(0, run.matched - runProgressSegments(run).reduce((sum, { many }) => sum + many, 0));
}
