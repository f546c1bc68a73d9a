/** The state of a cause and its note: for the next operator. */
import { type SubmitEvent, useState } from "react";
import { write } from "../api/request.ts";
import type { Cause, CauseState } from "../api/shapes.ts";
import { Button } from "../ui/button.tsx";
import { commandOf } from "../ui/command.ts";
import { Dialog, DialogButtons } from "../ui/dialog.tsx";
import { SelectField, TextField } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { useAction } from "../ui/use-action.ts";
import { CAUSE_STATES } from "./dead-letter-search.ts";

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

export function CauseDialog({ cause, onClose }: CauseDialogProps) {
  const [state, setState] = useState<CauseState>(cause.state === "open" ? "acknowledged" : cause.state);
  const [note, setNote] = useState(cause.note ?? "");
  const path = `/admin/v1/dead-letters/causes/${encodeURIComponent(cause.cause)}`;
  const action = useAction(
    (body: { readonly state: CauseState; readonly note: string }) => write({ method: "PATCH", path, body }),
    onClose,
  );
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    action.run({ state, note });
  };
  return (
    <Dialog onClose={onClose} title="State and note">
      <form id="cause" onSubmit={submit}>
        <SelectField
          label="State"
          value={state}
          onChange={({ target }) => setState(CAUSE_STATES.find((each) => each === target.value) ?? "open")}
          help="Acknowledged or ignored, it opens again by itself when it was empty and comes back."
        >
          {CAUSE_STATES.map((each) => (
            <option key={each} value={each}>
              {MEANINGS[each]}
            </option>
          ))}
        </SelectField>
        <TextField
          label="Note"
          value={note}
          onChange={({ target }) => setNote(target.value)}
          help="For the operator who comes next. Your name is shown with it."
        />
      </form>
      {action.refused !== undefined && <Notice tone="bad" title={action.refused} role="alert" />}
      <DialogButtons command={commandOf(["dead-letters", "acknowledge", cause.cause], { ...FLAGS[state], note })}>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" form="cause" look="primary" disabled={action.busy}>
          Save
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
