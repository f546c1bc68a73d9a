/** Pausing, until when and why. */
import { useState } from "react";
import { ActionDialog } from "./action-dialog.tsx";
import { batonTimeNow } from "./baton-clock.ts";
import { NoteField, OptionsSelectField } from "./form-fields.tsx";
import { formatBatonCommand } from "./format-baton-command.ts";
import { useApiAction } from "./use-api-action.ts";

const MINUTE_MS = 60_000;

/** How many minutes the pause may last; the empty one: until it is resumed. */
const DURATION_OPTIONS: readonly (readonly [string, string])[] = [
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
  const action = useApiAction(pause, onClose);
  const command = formatBatonCommand(["connectors", "pause", ...(connectorId === undefined ? [] : [connectorId])], {
    all: connectorId === undefined,
    until: minutes === "" ? undefined : `${minutes}m`,
    note,
  });
  const act = () => {
    const until = minutes === "" ? {} : { until: new Date(batonTimeNow() + Number(minutes) * MINUTE_MS).toISOString() };
    action.run({ ...until, ...(note === "" ? {} : { note }) });
  };
  const title = `Pause ${what}`;
  const dialog = { title, label: title, look: "danger", command, action, onClose } as const;
  return (
    <ActionDialog {...dialog} onAct={act}>
      <p>Handoffs are still accepted, and none is sent: callers wait until their deadlines.</p>
      <OptionsSelectField
        label="For how long"
        options={DURATION_OPTIONS}
        value={minutes}
        onChange={({ target }) => setMinutes(target.value)}
      />
      <NoteField note={note} onChange={setNote} />
    </ActionDialog>
  );
}
