/** Replaying many: plan, look, run. */
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import type { Plan } from "../api/shapes.ts";
import { toPlanFilter } from "../search-params.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { CheckField } from "../ui/field.tsx";
import { Empty, Panel, Row } from "../ui/page.tsx";
import { Refusal } from "../ui/refusal.tsx";
import styles from "./plan.module.css";
import { type PlanChoices, planCommandOf } from "./plan-command.ts";
import { PlanFrame, planWords } from "./plan-frame.tsx";
import { PlanView } from "./plan-view.tsx";
import { ReplayForm } from "./replay-form.tsx";
import { usePlanAction } from "./use-plan.ts";

const route = getRouteApi("/dead-letters/replay");

export function ReplayPlanPage() {
  const filter = toPlanFilter(route.useSearch());
  const [choices, setChoices] = useState<PlanChoices>({ includeUnknown: false, skipEndedContacts: true });
  const [plan, setPlan] = useState<Plan>();
  const action = usePlanAction("replay", filter, setPlan);
  const choose = (change: Partial<PlanChoices>) => {
    setPlan(undefined);
    setChoices({ ...choices, ...change });
  };
  const isPlanned = plan !== undefined;
  return (
    <PlanFrame title="Replay dead letters" filter={filter} isPlanned={isPlanned}>
      <Panel title="Plan">
        <Choices choices={choices} choose={choose} />
        <Refusal of={action} />
        <Row>
          <Button look={isPlanned ? "plain" : "primary"} disabled={action.busy} onClick={() => action.run(choices)}>
            {planWords(action.busy, isPlanned)}
          </Button>
          <CopyButton what="plan's command" text={planCommandOf("replay", filter, choices)} />
        </Row>
      </Panel>
      {isPlanned && <Planned plan={plan} includeUnknown={choices.includeUnknown} />}
    </PlanFrame>
  );
}

function Planned({ plan, includeUnknown }: { readonly plan: Plan; readonly includeUnknown: boolean }) {
  if (plan.taken === 0)
    return <Empty title="Nothing would be taken">No dead letter matches, or all that do may have arrived.</Empty>;
  return (
    <>
      <PlanView plan={plan} />
      <ReplayForm key={plan.planId} plan={plan} includeUnknown={includeUnknown} />
    </>
  );
}

interface ChoicesProps {
  readonly choices: PlanChoices;
  readonly choose: (change: Partial<PlanChoices>) => void;
}

function Choices({ choices, choose }: ChoicesProps) {
  return (
    <div className={styles.form}>
      <CheckField
        label="Skip contacts that have ended"
        checked={choices.skipEndedContacts}
        onChange={({ target }) => choose({ skipEndedContacts: target.checked })}
        help="CXone is asked about each before it is sent. An indication only: a caller may hang up right after."
      />
      <CheckField
        label="Also those that may have arrived"
        checked={choices.includeUnknown}
        onChange={({ target }) => choose({ includeUnknown: target.checked })}
        help="Their contacts may be signalled twice."
      />
    </div>
  );
}
