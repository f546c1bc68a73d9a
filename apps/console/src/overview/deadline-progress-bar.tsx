/** How much of a deadline is used, as a bar. */
import { DEADLINE_AT_RISK } from "@baton/domain";
import { joinClassNames } from "../ui/join-class-names.ts";
import styles from "./overview.module.css";

const BAD_AT = 0.8;

interface DeadlineProgressBarProps {
  readonly used: number | null | undefined;
  readonly label: string;
}

/** DeadlineProgressBar draws how much of a deadline is used, 0 to 1. */
export function DeadlineProgressBar({ used, label }: DeadlineProgressBarProps) {
  const value = Math.min(1, used ?? 0);
  const look = value >= BAD_AT ? styles.badMeter : value > DEADLINE_AT_RISK ? styles.warnMeter : undefined;
  return <progress className={joinClassNames(styles.meter, look)} value={value} max={1} aria-label={label} />;
}
