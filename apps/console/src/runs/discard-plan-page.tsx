/** Discarding many: plan, look, then type the number. */
import { getRouteApi } from "@tanstack/react-router";
import { type SubmitEvent, useState } from "react";
import type { Plan } from "../api/shapes.ts";
import { toPlanFilter } from "../search-params.ts";
import { Button } from "../ui/button.tsx";
import { commandOf } from "../ui/command.ts";
import { CopyButton } from "../ui/copy.tsx";
import { NoteField } from "../ui/field.tsx";
import { formatCount } from "../ui/format.ts";
import { Empty, Panel, Row } from "../ui/page.tsx";
import { Refusal } from "../ui/refusal.tsx";
import { ConfirmCount, isConfirmed } from "./confirm-count.tsx";
import styles from "./plan.module.css";
import { planCommandOf } from "./plan-command.ts";
import { PlanFrame, planWords, RunRefused } from "./plan-frame.tsx";
import { PlanView } from "./plan-view.tsx";
import { usePlanAction, useStartAction } from "./use-plan.ts";

const route = getRouteApi("/dead-letters/discard");
/** What may have arrived is discarded with the rest: a discard sends no signal. */
const CHOICES = { includeUnknown: true, skipEndedContacts: false } as const;

export function DiscardPlanPage() {
  const filter = toPlanFilter(route.useSearch());
  const [plan, setPlan] = useState<Plan>();
  const action = usePlanAction("discard", filter, setPlan);
  return (
    <PlanFrame title="Discard dead letters" filter={filter} isPlanned={plan !== undefined}>
      <Panel title="Plan">
        <p>What is discarded is put away for good. It cannot be replayed any more.</p>
        <Refusal of={action} />
        <Row>
          <Button busy={action.busy} onClick={() => action.run(CHOICES)}>
            {planWords(action.busy, plan !== undefined)}
          </Button>
          <CopyButton what="plan's command" text={planCommandOf("discard", filter, CHOICES)} />
        </Row>
      </Panel>
      {plan !== undefined && plan.taken === 0 && <Empty title="Nothing would be taken">No dead letter matches.</Empty>}
      {plan !== undefined && plan.taken > 0 && (
        <>
          <PlanView plan={plan} />
          <DiscardForm key={plan.planId} plan={plan} />
        </>
      )}
    </PlanFrame>
  );
}

function DiscardForm({ plan }: { readonly plan: Plan }) {
  const [note, setNote] = useState("");
  const [typed, setTyped] = useState("");
  const action = useStartAction("discard", plan);
  const ready = note.trim() !== "" && isConfirmed(plan.taken, typed);
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (ready) action.run({ note: note.trim() });
  };
  return (
    <Panel title="Put away for good">
      <form className={styles.form} onSubmit={submit}>
        <NoteField required note={note} onChange={setNote} />
        <ConfirmCount taken={plan.taken} typed={typed} onType={setTyped} />
        <RunRefused error={action.error} refused={action.refused} />
        <Row>
          <Button type="submit" look="danger" busy={action.busy} disabled={!ready}>
            Discard {formatCount(plan.taken)}
          </Button>
          <CopyButton
            what="command"
            text={commandOf(["discards", "start"], { plan: plan.planId, note: note.trim() })}
          />
        </Row>
      </form>
    </Panel>
  );
}
