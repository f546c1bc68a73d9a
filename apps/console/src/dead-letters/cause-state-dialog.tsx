/** The state of a cause and its note, for the next operator. */
import { CAUSE_STATES } from "@baton/domain";
import { useState } from "react";
import type { Cause, CauseState } from "../api/answer-types.ts";
import { writeToApi } from "../api/send-api-request.ts";
import { ActionDialog } from "../ui/action-dialog.tsx";
import { OptionsSelectField, TextField } from "../ui/form-fields.tsx";
import { formatBatonCommand } from "../ui/format-baton-command.ts";
import { useApiAction } from "../ui/use-api-action.ts";

const MEANINGS: Readonly<Record<CauseState, string>> = {
  open: "open: not looked at yet",
  acknowledged: "acknowledged: an operator works on it",
  ignored: "ignored: not shown on the overview",
};

/** What the command calls the states; it acknowledges unless an option says otherwise. */
const FLAGS = { open: { reopen: true }, acknowledged: {}, ignored: { ignore: true } } as const;

interface CauseStateDialogProps {
  readonly cause: Cause;
  readonly onClose: () => void;
}

const OPTIONS = CAUSE_STATES.map((state) => [state, MEANINGS[state]] as const);

export function CauseStateDialog({ cause, onClose }: CauseStateDialogProps) {
  const [state, setState] = useState<CauseState>(cause.state === "open" ? "acknowledged" : cause.state);
  const [note, setNote] = useState(cause.note ?? "");
  const path = `/admin/v1/dead-letters/causes/${encodeURIComponent(cause.cause)}`;
  const action = useApiAction(() => writeToApi({ method: "PATCH", path, body: { state, note } }), onClose);
  const command = formatBatonCommand(["dead-letters", "acknowledge", cause.cause], { ...FLAGS[state], note });
  const dialog = { title: "State and note", label: "Save", command, action, onClose };
  return (
    <ActionDialog {...dialog} onAct={() => action.run(undefined)}>
      <OptionsSelectField
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
