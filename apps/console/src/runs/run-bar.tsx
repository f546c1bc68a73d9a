/** How far a run is: delivered, dead again, skipped or discarded, on their way, and to come. */
import type { Run } from "../api/shapes.ts";
import { formatCount } from "../ui/format.ts";
import styles from "./run.module.css";

const WIDTH = 1_000;

export function RunBar({ run }: { readonly run: Run }) {
  const parts = partsOf(run).filter(({ many }) => many > 0);
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

/** Part is a share of a run's dead letters. */
export interface Part {
  readonly name: string;
  readonly many: number;
  readonly look: "good" | "bad" | "warn" | "accent" | "plain";
}

/** partsOf splits a run by what became of its dead letters; what is left is to come. */
export function partsOf({ delivered, diedAgain, skipped, discarded, outstanding }: Run): readonly Part[] {
  return [
    { name: "delivered", many: delivered, look: "good" },
    { name: "discarded", many: discarded, look: "plain" },
    { name: "died again", many: diedAgain, look: "bad" },
    { name: "skipped", many: skipped, look: "warn" },
    { name: "on their way", many: outstanding, look: "accent" },
  ];
}

/** toCome is how many of a run nothing has been done with. */
export function toCome(run: Run): number {
  return Math.max(0, run.matched - partsOf(run).reduce((sum, { many }) => sum + many, 0));
}
