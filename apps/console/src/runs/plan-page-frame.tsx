/** The frame of a plan's page: plan, look, run. */
import type { ReactNode } from "react";
import type { DeadLetterFilter } from "../api/answer-types.ts";
import { problemCodeOfError } from "../api/request-error.ts";
import { usePermissions } from "../session/session-and-permissions.ts";
import { Notice } from "../ui/notice.tsx";
import { Page } from "../ui/page-layout.tsx";
import { RoleTooLowNotice } from "../ui/refusal-notices.tsx";
import { DeadLetterFilterSummary } from "./dead-letter-filter-summary.tsx";
import styles from "./plan.module.css";

const STEPS = ["1. Plan", "2. Look", "3. Run"] as const;

interface PlanPageFrameProps {
  readonly title: string;
  readonly filter: DeadLetterFilter;
  readonly isPlanned: boolean;
  readonly children: ReactNode;
}

export function PlanPageFrame({ title, filter, isPlanned, children }: PlanPageFrameProps) {
  const { canOperate } = usePermissions();
  return (
    <Page title={title} sub={<DeadLetterFilterSummary of={filter} />}>
      <ol className={styles.steps} aria-label="Steps">
        {STEPS.map((step, index) => (
          <li key={step} aria-current={(isPlanned ? index > 0 : index === 0) ? "step" : undefined}>
            {step}
          </li>
        ))}
      </ol>
      {canOperate ? children : <RoleTooLowNotice takes="operator" />}
    </Page>
  );
}

/** RunStartRefusalNotice says why no run began; where the plan is too old, that a new one is wanted. */
export function RunStartRefusalNotice({
  error,
  refused,
}: {
  readonly error: Error | undefined;
  readonly refused: string | undefined;
}) {
  if (refused === undefined) return null;
  const old = problemCodeOfError(error) === "plan-expired";
  return (
    <Notice tone="bad" title={old ? "The plan is too old" : "The run did not begin"} role="alert">
      <p>{old ? "A plan is good for 15 minutes: make a new one and look at it again." : refused}</p>
    </Notice>
  );
}

/** planButtonLabel gives the words on the button that makes a plan. */
export function planButtonLabel(busy: boolean, isPlanned: boolean): string {
  if (busy) return "Counting…";
  return isPlanned ? "Make the plan anew" : "Make the plan";
}
