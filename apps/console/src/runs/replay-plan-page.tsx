/** Replaying many: plan, look, run. */
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import type { Plan } from "../api/shapes.ts";
import { type DeadLetterSearch, toPlanFilter } from "../search-params.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy.tsx";
import { CheckField } from "../ui/field.tsx";
import { formatCount, pluralize } from "../ui/format.ts";
import { Notice } from "../ui/notice.tsx";
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
  const search = route.useSearch();
  const filter = toPlanFilter(search);
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
          <Button look={isPlanned ? "plain" : "primary"} busy={action.busy} onClick={() => action.run(choices)}>
            {planWords(action.busy, isPlanned)}
          </Button>
          <CopyButton what="plan's command" text={planCommandOf("replay", filter, choices)} />
        </Row>
      </Panel>
      {isPlanned && <Planned plan={plan} includeUnknown={choices.includeUnknown} chosen={chosenIn(search)} />}
    </PlanFrame>
  );
}

/** chosenIn is how many of the list were chosen; undefined where the filter was not made of a choice. */
function chosenIn({ chosen }: DeadLetterSearch): number | undefined {
  const many = Number(chosen);
  return Number.isInteger(many) && many > 0 ? many : undefined;
}

interface PlannedProps {
  readonly plan: Plan;
  readonly includeUnknown: boolean;
  readonly chosen: number | undefined;
}

function Planned({ plan, includeUnknown, chosen }: PlannedProps) {
  if (plan.taken === 0)
    return <Empty title="Nothing would be taken">No dead letter matches, or all that do may have arrived.</Empty>;
  const isOther = chosen !== undefined && chosen !== plan.matched;
  return (
    <>
      {chosen !== undefined && <ChosenNotice chosen={chosen} matched={plan.matched} />}
      <PlanView plan={plan} />
      <ReplayForm key={plan.planId} plan={plan} confirms={includeUnknown || isOther} />
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
