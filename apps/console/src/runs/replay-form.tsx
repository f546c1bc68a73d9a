/** The last step of a replay: rate, why, and a button that says what it does to how many. */
import { type SubmitEvent, useState } from "react";
import type { Plan } from "../api/shapes.ts";
import { Button } from "../ui/button.tsx";
import { commandOf } from "../ui/command.ts";
import { CopyButton } from "../ui/copy.tsx";
import { CheckField, TextField } from "../ui/field.tsx";
import { Panel, Row } from "../ui/page.tsx";
import { count, duration } from "../ui/words.ts";
import { ConfirmCount, isConfirmed } from "./confirm-count.tsx";
import styles from "./plan.module.css";
import { RunRefused } from "./plan-frame.tsx";
import { type Start, useStartAction } from "./use-plan.ts";

/** Above so many the number is typed. */
const CONFIRM_ABOVE = 1_000;
/** Tried first, to see how it goes. */
const FIRST = 5;
const DEFAULT_RATE = 20;
const MOST_RATE = 5_000;
const SECOND_MS = 1_000;

interface ReplayFormProps {
  readonly plan: Plan;
  readonly includeUnknown: boolean;
}

export function ReplayForm({ plan, includeUnknown }: ReplayFormProps) {
  const [rate, setRate] = useState(String(DEFAULT_RATE));
  const [note, setNote] = useState("");
  const [stops, setStops] = useState(true);
  const [typed, setTyped] = useState("");
  const action = useStartAction("replay", plan);
  const confirms = plan.taken > CONFIRM_ABOVE || includeUnknown;
  const perSecond = Number(rate);
  const isRate = Number.isInteger(perSecond) && perSecond >= 1 && perSecond <= MOST_RATE;
  const ready = isRate && note.trim() !== "" && (!confirms || isConfirmed(plan.taken, typed)) && !action.busy;
  const start = (change: Partial<Start> = {}) =>
    action.run({ note: note.trim(), ratePerSecond: perSecond, ...(stops ? {} : { stopWhenDying: 0 }), ...change });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    if (ready) start();
  };
  return (
    <Panel title="Run">
      <form className={styles.form} onSubmit={submit}>
        <TextField
          label="Why"
          required
          value={note}
          onChange={({ target }) => setNote(target.value)}
          help="Kept in the audit, and shown on the run."
        />
        <TextField
          label="How many a second"
          inputMode="numeric"
          value={rate}
          onChange={({ target }) => setRate(target.value)}
          error={isRate ? undefined : `Enter a whole number from 1 to ${count(MOST_RATE)}.`}
          help={`They go behind live handoffs. ${isRate ? `About ${duration((SECOND_MS * plan.taken) / perSecond)} for ${count(plan.taken)}.` : ""}`}
        />
        <CheckField
          label="Pause by itself when half of the last 50 died again"
          checked={stops}
          onChange={({ target }) => setStops(target.checked)}
        />
        {confirms && <ConfirmCount taken={plan.taken} typed={typed} onType={setTyped} />}
        <RunRefused error={action.error} refused={action.refused} />
        <Row>
          <Button type="submit" look="primary" disabled={!ready}>
            Replay {count(plan.taken)}
          </Button>
          {plan.taken > FIRST && (
            <Button disabled={!ready} onClick={() => start({ first: FIRST })}>
              Try {FIRST} first
            </Button>
          )}
          <CopyButton
            what="command"
            text={commandOf(["replays", "start"], {
              plan: plan.planId,
              rate,
              "stop-when-dying": stops ? undefined : 0,
              note: note.trim(),
            })}
          />
        </Row>
      </form>
    </Panel>
  );
}
