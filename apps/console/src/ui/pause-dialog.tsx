/** Pausing, until when and why. */
import { type SubmitEvent, useState } from "react";
import { Button } from "./button.tsx";
import { commandOf } from "./command.ts";
import { Dialog, DialogButtons } from "./dialog.tsx";
import { SelectField, TextField } from "./field.tsx";
import { Notice } from "./notice.tsx";
import { useAction } from "./use-action.ts";

const MINUTE_MS = 60_000;

/** How long it may last; an empty one until it is resumed. Minutes. */
const LENGTHS: readonly (readonly [string, string])[] = [
  ["15", "15 minutes"],
  ["30", "30 minutes"],
  ["60", "1 hour"],
  ["240", "4 hours"],
  ["", "until it is resumed"],
];

/** PauseBody is what the API takes. */
export interface PauseBody {
  readonly until?: string;
  readonly note?: string;
}

interface PauseDialogProps {
  readonly onClose: () => void;
  /** What is paused: `everything`, or a connector's name. */
  readonly what: string;
  /** The connector's id; everything without one. */
  readonly connectorId?: string;
  readonly pause: (body: PauseBody) => Promise<unknown>;
}

export function PauseDialog({ onClose, what, connectorId, pause }: PauseDialogProps) {
  const [minutes, setMinutes] = useState("30");
  const [note, setNote] = useState("");
  const action = useAction(pause, onClose);
  const command = commandOf(["connectors", "pause", ...(connectorId === undefined ? [] : [connectorId])], {
    all: connectorId === undefined,
    until: minutes === "" ? undefined : `${minutes}m`,
    note,
  });
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const until = minutes === "" ? {} : { until: new Date(Date.now() + Number(minutes) * MINUTE_MS).toISOString() };
    action.run({ ...until, ...(note === "" ? {} : { note }) });
  };
  return (
    <Dialog onClose={onClose} title={`Pause ${what}`}>
      <p>Handoffs are still accepted, and none is sent: callers wait until their deadlines.</p>
      <form id="pause" onSubmit={submit}>
        <SelectField label="For how long" value={minutes} onChange={({ target }) => setMinutes(target.value)}>
          {LENGTHS.map(([value, words]) => (
            <option key={words} value={value}>
              {words}
            </option>
          ))}
        </SelectField>
        <TextField
          label="Why"
          value={note}
          onChange={({ target }) => setNote(target.value)}
          help="Kept in the audit."
        />
      </form>
      {action.refused !== undefined && <Notice tone="bad" title={action.refused} role="alert" />}
      <DialogButtons command={command}>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" form="pause" look="danger" disabled={action.busy}>
          Pause {what}
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
