/** What became of a run's dead letters so far, by result, and how many are to come. */
import type { Run } from "../api/answer-types.ts";

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
