/** The last step of a replay: rate, why, and a button that says what it does to how many. */
import { DEFAULT_RUN_RATE, MAX_RUN_RATE } from "@baton/domain";
import { useState } from "react";
import type { Plan } from "../api/answer-types.ts";
import { useConnectors } from "../connectors/use-connectors.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { CheckboxField, Form, NoteField, TextField } from "../ui/form-fields.tsx";
import { formatBatonCommand } from "../ui/format-baton-command.ts";
import { formatCount, formatDuration } from "../ui/format-numbers-and-times.ts";
import { FlexRow, Panel } from "../ui/page-layout.tsx";
import { ConfirmCountField, isCountConfirmed } from "./confirm-count-field.tsx";
import styles from "./plan.module.css";
import { estimatePlanMsAtRate } from "./plan-duration-estimate.ts";
import { RunStartRefusalNotice } from "./plan-page-frame.tsx";
import { type StartRunOptions, useStartRun } from "./use-plan-and-start-run.ts";

/** Above so many items the operator types their number. */
const CONFIRM_ABOVE = 1_000;
/** So many items are tried first. */
const DEFAULT_FIRST = 5;

interface StartReplayRunFormProps {
  readonly plan: Plan;
  /** The number is typed, however small it is. */
  readonly confirms: boolean;
}

export function StartReplayRunForm({ plan, confirms }: StartReplayRunFormProps) {
  const form = useStartReplayRunForm(plan, confirms);
  const submit = () => {
    if (form.ready) form.start();
  };
  return (
    <Panel title="Run">
      <Form className={styles.form} onSubmit={submit}>
        <NoteField required note={form.note} onChange={form.setNote} help="Kept in the audit, and shown on the run." />
        <RateField plan={plan} rate={form.rate} onChange={form.setRate} />
        <CheckboxField
          label="Pause by itself when half of the last 50 died again"
          checked={form.stops}
          onChange={({ target }) => form.setStops(target.checked)}
        />
        {form.confirms && <ConfirmCountField taken={plan.taken} typed={form.typed} onType={form.setTyped} />}
        <RunStartRefusalNotice error={form.action.error} refused={form.action.refused} />
        <StartButtons plan={plan} form={form} />
      </Form>
    </Panel>
  );
}

interface StartButtonsProps {
  readonly plan: Plan;
  readonly form: ReturnType<typeof useStartReplayRunForm>;
}

function StartButtons({
  plan,
  form: {
    ready,
    start,
    rate,
    stops,
    note,
    action: { busy },
  },
}: StartButtonsProps) {
  const options = { plan: plan.planId, rate, "stop-when-dying": stops ? undefined : 0, note: note.trim() };
  return (
    <FlexRow>
      <Button type="submit" look="primary" busy={busy} disabled={!ready}>
        Replay {formatCount(plan.taken)}
      </Button>
      {plan.taken > DEFAULT_FIRST && (
        <>
          <Button busy={busy} disabled={!ready} onClick={() => start({ first: DEFAULT_FIRST })}>
            Try {DEFAULT_FIRST} first
          </Button>
          <CopyButton
            what="its command"
            text={formatBatonCommand(["replays", "start"], { ...options, first: DEFAULT_FIRST })}
          />
        </>
      )}
      <CopyButton what="command" text={formatBatonCommand(["replays", "start"], options)} />
    </FlexRow>
  );
}

/** useStartReplayRunForm keeps what was entered, and says whether it is enough to start. */
function useStartReplayRunForm(plan: Plan, alwaysConfirms: boolean) {
  const [rate, setRate] = useState(String(DEFAULT_RUN_RATE));
  const [note, setNote] = useState("");
  const [stops, setStops] = useState(true);
  const [typed, setTyped] = useState("");
  const action = useStartRun("replay", plan);
  const confirms = plan.taken > CONFIRM_ABOVE || alwaysConfirms;
  const ready = isRate(rate) && note.trim() !== "" && (!confirms || isCountConfirmed(plan.taken, typed));
  const start = (change: Partial<StartRunOptions> = {}) =>
    action.run({ note: note.trim(), ratePerSecond: Number(rate), ...(stops ? {} : { stopWhenDying: 0 }), ...change });
  return { rate, setRate, note, setNote, stops, setStops, typed, setTyped, action, confirms, ready, start };
}

function isRate(rate: string): boolean {
  const perSecond = Number(rate);
  return Number.isInteger(perSecond) && perSecond >= 1 && perSecond <= MAX_RUN_RATE;
}

interface RateFieldProps {
  readonly plan: Plan;
  readonly rate: string;
  readonly onChange: (rate: string) => void;
}

function RateField({ plan, rate, onChange }: RateFieldProps) {
  const { items } = useConnectors();
  const time = isRate(rate)
    ? `About ${formatDuration(estimatePlanMsAtRate(plan, Number(rate), items))} for ${formatCount(plan.taken)}.`
    : "";
  return (
    <TextField
      label="How many a second"
      inputMode="numeric"
      value={rate}
      onChange={({ target }) => onChange(target.value)}
      error={isRate(rate) ? undefined : `Enter a whole number from 1 to ${formatCount(MAX_RUN_RATE)}.`}
      help={`They go behind live handoffs, and no faster than their connectors' own rates. ${time}`}
    />
  );
}
