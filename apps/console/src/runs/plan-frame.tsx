/** The frame of a plan's page: plan, look, run. */
import type { ReactNode } from "react";
import { problemSlug } from "../api/problem.ts";
import type { DeadLetterFilter } from "../api/shapes.ts";
import { usePermissions } from "../session/session.ts";
import { Notice } from "../ui/notice.tsx";
import { Page } from "../ui/page.tsx";
import { RoleNotice } from "../ui/refusal.tsx";
import { FilterSummary } from "./filter-summary.tsx";
import styles from "./plan.module.css";

const STEPS = ["1. Plan", "2. Look", "3. Run"] as const;

interface PlanFrameProps {
  readonly title: string;
  readonly filter: DeadLetterFilter;
  readonly isPlanned: boolean;
  readonly children: ReactNode;
}

export function PlanFrame({ title, filter, isPlanned, children }: PlanFrameProps) {
  const { canOperate } = usePermissions();
  return (
    <Page title={title} sub={<FilterSummary of={filter} />}>
      <ol className={styles.steps} aria-label="Steps">
        {STEPS.map((step, index) => (
          <li key={step} aria-current={(isPlanned ? index > 0 : index === 0) ? "step" : undefined}>
            {step}
          </li>
        ))}
      </ol>
      {canOperate ? children : <RoleNotice takes="operator" />}
    </Page>
  );
}

/** RunRefused says why no run began; where the plan is too old, that a new one is wanted. */
export function RunRefused({
  error,
  refused,
}: {
  readonly error: Error | undefined;
  readonly refused: string | undefined;
}) {
  if (refused === undefined) return null;
  const old = problemSlug(error) === "plan-expired";
  return (
    <Notice tone="bad" title={old ? "The plan is too old" : "The run did not begin"} role="alert">
      <p>{old ? "A plan is good for 15 minutes: make a new one and look at it again." : refused}</p>
    </Notice>
  );
}

/** planWords are those on the button that makes a plan. */
export function planWords(busy: boolean, isPlanned: boolean): string {
  if (busy) return "Counting…";
  return isPlanned ? "Make the plan anew" : "Make the plan";
}
