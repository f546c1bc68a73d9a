/** Replaying many: plan, look, run. */
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import type { Plan } from "../api/answer-types.ts";
import { type DeadLetterSearch, toPlanFilter } from "../page-search-params.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { CheckboxField } from "../ui/form-fields.tsx";
import { formatCount, pluralize } from "../ui/format-numbers-and-times.ts";
import { Notice } from "../ui/notice.tsx";
import { EmptyState, FlexRow, Panel } from "../ui/page-layout.tsx";
import { ActionRefusalNotice } from "../ui/refusal-notices.tsx";
import styles from "./plan.module.css";
import { PlanAgesAndCounts } from "./plan-ages-and-counts.tsx";
import { formatPlanCliCommand, type PlanChoices } from "./plan-cli-command.ts";
import { PlanPageFrame, planButtonLabel } from "./plan-page-frame.tsx";
import { StartReplayRunForm } from "./start-replay-run-form.tsx";
import { useCreateRunPlan } from "./use-plan-and-start-run.ts";

const route = getRouteApi("/dead-letters/replay");

export function ReplayPlanPage() {
  const search = route.useSearch();
  const filter = toPlanFilter(search);
  const [choices, setChoices] = useState<PlanChoices>({ includeUnknown: false, skipEndedContacts: true });
  const [plan, setPlan] = useState<Plan>();
  const action = useCreateRunPlan("replay", filter, setPlan);
  const choose = (change: Partial<PlanChoices>) => {
    setPlan(undefined);
    setChoices({ ...choices, ...change });
  };
  const isPlanned = plan !== undefined;
  return (
    <PlanPageFrame title="Replay dead letters" filter={filter} isPlanned={isPlanned}>
      <Panel title="Plan">
        <PlanChoiceFields choices={choices} choose={choose} />
        <ActionRefusalNotice of={action} />
        <FlexRow>
          <Button look={isPlanned ? "plain" : "primary"} busy={action.busy} onClick={() => action.run(choices)}>
            {planButtonLabel(action.busy, isPlanned)}
          </Button>
          <CopyButton what="plan's command" text={formatPlanCliCommand("replay", filter, choices)} />
        </FlexRow>
      </Panel>
      {isPlanned && (
        <PlannedReplay plan={plan} includeUnknown={choices.includeUnknown} chosen={readChosenCount(search)} />
      )}
    </PlanPageFrame>
  );
}

/** readChosenCount gives how many of the list were chosen; undefined where the filter was not made of a choice. */
function readChosenCount({ chosen }: DeadLetterSearch): number | undefined {
  const many = Number(chosen);
  return Number.isInteger(many) && many > 0 ? many : undefined;
}

interface PlannedReplayProps {
  readonly plan: Plan;
  readonly includeUnknown: boolean;
  readonly chosen: number | undefined;
}

function PlannedReplay({ plan, includeUnknown, chosen }: PlannedReplayProps) {
  if (plan.taken === 0)
    return (
      <EmptyState title="Nothing would be taken">No dead letter matches, or all that do may have arrived.</EmptyState>
    );
  const isOther = chosen !== undefined && chosen !== plan.matched;
  return (
    <>
      {chosen !== undefined && <ChosenNotice chosen={chosen} matched={plan.matched} />}
      <PlanAgesAndCounts plan={plan} />
      <StartReplayRunForm key={plan.planId} plan={plan} confirms={includeUnknown || isOther} />
    </>
  );
}

/** ChosenNotice says whether the plan has just those that were chosen: between choice and plan the list may change. */
function ChosenNotice({ chosen, matched }: { readonly chosen: number; readonly matched: number }) {
  if (chosen === matched)
    return <Notice tone="good" title={`The plan has the ${pluralize(chosen, "dead letter")} that you chose`} />;
  return (
    <Notice
      tone="warn"
      title={`You chose ${formatCount(chosen)}, the plan matches ${formatCount(matched)}`}
      role="alert"
    >
      <p>
        Others died in the same time, or some were replayed or discarded since. Go back and choose again, or type the
        number to take those that the plan has.
      </p>
    </Notice>
  );
}

interface PlanChoiceFieldsProps {
  readonly choices: PlanChoices;
  readonly choose: (change: Partial<PlanChoices>) => void;
}

function PlanChoiceFields({ choices, choose }: PlanChoiceFieldsProps) {
  return (
    <div className={styles.form}>
      <CheckboxField
        label="Skip contacts that have ended"
        checked={choices.skipEndedContacts}
        onChange={({ target }) => choose({ skipEndedContacts: target.checked })}
        help="CXone is asked about each before it is sent. An indication only: a caller may hang up right after."
      />
      <CheckboxField
        label="Also those that may have arrived"
        checked={choices.includeUnknown}
        onChange={({ target }) => choose({ includeUnknown: target.checked })}
        help="Their contacts may be signalled twice."
      />
    </div>
  );
}
