/** Discarding many: plan, look, then type the number. */
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import type { Plan } from "../api/answer-types.ts";
import { toPlanFilter } from "../page-search-params.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { Form, NoteField } from "../ui/form-fields.tsx";
import { formatBatonCommand } from "../ui/format-baton-command.ts";
import { formatCount } from "../ui/format-numbers-and-times.ts";
import { EmptyState, FlexRow, Panel } from "../ui/page-layout.tsx";
import { ActionRefusalNotice } from "../ui/refusal-notices.tsx";
import { ConfirmCountField, isCountConfirmed } from "./confirm-count-field.tsx";
import styles from "./plan.module.css";
import { PlanAgesAndCounts } from "./plan-ages-and-counts.tsx";
import { formatPlanCliCommand } from "./plan-cli-command.ts";
import { PlanPageFrame, planButtonLabel, RunStartRefusalNotice } from "./plan-page-frame.tsx";
import { useCreateRunPlan, useStartRun } from "./use-plan-and-start-run.ts";

const route = getRouteApi("/dead-letters/discard");
/** What may have arrived is discarded with the rest: a discard sends no signal. */
const PLAN_CHOICES = { includeUnknown: true, skipEndedContacts: false } as const;

export function DiscardPlanPage() {
  const filter = toPlanFilter(route.useSearch());
  const [plan, setPlan] = useState<Plan>();
  const action = useCreateRunPlan("discard", filter, setPlan);
  return (
    <PlanPageFrame title="Discard dead letters" filter={filter} isPlanned={plan !== undefined}>
      <Panel title="Plan">
        <p>What is discarded is put away for good. It cannot be replayed any more.</p>
        <ActionRefusalNotice of={action} />
        <FlexRow>
          <Button busy={action.busy} onClick={() => action.run(PLAN_CHOICES)}>
            {planButtonLabel(action.busy, plan !== undefined)}
          </Button>
          <CopyButton what="plan's command" text={formatPlanCliCommand("discard", filter, PLAN_CHOICES)} />
        </FlexRow>
      </Panel>
      {plan !== undefined && plan.taken === 0 && (
        <EmptyState title="Nothing would be taken">No dead letter matches.</EmptyState>
      )}
      {plan !== undefined && plan.taken > 0 && (
        <>
          <PlanAgesAndCounts plan={plan} />
          <StartDiscardForm key={plan.planId} plan={plan} />
        </>
      )}
    </PlanPageFrame>
  );
}

function StartDiscardForm({ plan }: { readonly plan: Plan }) {
  const [note, setNote] = useState("");
  const [typed, setTyped] = useState("");
  const action = useStartRun("discard", plan);
  const ready = note.trim() !== "" && isCountConfirmed(plan.taken, typed);
  const submit = () => {
    if (ready) action.run({ note: note.trim() });
  };
  return (
    <Panel title="Put away for good">
      <Form className={styles.form} onSubmit={submit}>
        <NoteField required note={note} onChange={setNote} />
        <ConfirmCountField taken={plan.taken} typed={typed} onType={setTyped} />
        <RunStartRefusalNotice error={action.error} refused={action.refused} />
        <FlexRow>
          <Button type="submit" look="danger" busy={action.busy} disabled={!ready}>
            Discard {formatCount(plan.taken)}
          </Button>
          <CopyButton
            what="command"
            text={formatBatonCommand(["discards", "start"], { plan: plan.planId, note: note.trim() })}
          />
        </FlexRow>
      </Form>
    </Panel>
  );
}
