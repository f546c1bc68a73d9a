/** The state of a cause and its note, for the next operator. */
import { useState } from "react";
import { write } from "../api/request.ts";
import type { Cause, CauseState } from "../api/shapes.ts";
import { CAUSE_STATES } from "../search-params.ts";
import { ActionDialog } from "../ui/action-dialog.tsx";
import { commandOf } from "../ui/command.ts";
import { OptionsField, TextField } from "../ui/field.tsx";
import { useAction } from "../ui/use-action.ts";

const MEANINGS: Readonly<Record<CauseState, string>> = {
  open: "open: not looked at yet",
  acknowledged: "acknowledged: an operator works on it",
  ignored: "ignored: not shown on the overview",
};

/** What the command calls the states; it acknowledges unless an option says otherwise. */
const FLAGS = { open: { reopen: true }, acknowledged: {}, ignored: { ignore: true } } as const;

interface CauseDialogProps {
  readonly cause: Cause;
  readonly onClose: () => void;
}

const OPTIONS = CAUSE_STATES.map((state) => [state, MEANINGS[state]] as const);

export function CauseDialog({ cause, onClose }: CauseDialogProps) {
  const [state, setState] = useState<CauseState>(cause.state === "open" ? "acknowledged" : cause.state);
  const [note, setNote] = useState(cause.note ?? "");
  const path = `/admin/v1/dead-letters/causes/${encodeURIComponent(cause.cause)}`;
  const action = useAction(() => write({ method: "PATCH", path, body: { state, note } }), onClose);
  const command = commandOf(["dead-letters", "acknowledge", cause.cause], { ...FLAGS[state], note });
  const dialog = { title: "State and note", label: "Save", command, action, onClose };
  return (
    <ActionDialog {...dialog} onAct={() => action.run(undefined)}>
      <OptionsField
        label="State"
        options={OPTIONS}
        value={state}
        onChange={({ target }) => setState(CAUSE_STATES.find((each) => each === target.value) ?? "open")}
        help="Acknowledged or ignored, it opens again by itself when it was empty and comes back."
      />
      <TextField
        label="Note"
        value={note}
        onChange={({ target }) => setNote(target.value)}
        help="For the operator who comes next. Your name is shown with it."
      />
    </ActionDialog>
  );
}
