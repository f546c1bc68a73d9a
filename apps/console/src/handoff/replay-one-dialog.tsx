/** Replaying one dead letter. */
import { useState } from "react";
import { write } from "../api/request.ts";
import type { HandoffJson } from "../api/shapes.ts";
import { Button } from "../ui/button.tsx";
import { useNow } from "../ui/clock.ts";
import { commandOf } from "../ui/command.ts";
import { Dialog, DialogButtons } from "../ui/dialog.tsx";
import { CheckField, TextField } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { useAction } from "../ui/use-action.ts";
import { wholeDuration } from "../ui/words.ts";

interface ReplayOneProps {
  readonly handoff: HandoffJson;
  readonly onClose: () => void;
}

export function ReplayOneDialog({ handoff, onClose }: ReplayOneProps) {
  const now = useNow();
  const [note, setNote] = useState("");
  const [force, setForce] = useState(false);
  const path = `/admin/v1/dead-letters/${encodeURIComponent(handoff.id)}/replay`;
  const body = { ...(note === "" ? {} : { note }), ...(force ? { force } : {}) };
  const action = useAction(() => write({ method: "POST", path, body }), onClose);
  return (
    <Dialog onClose={onClose} title="Replay this dead letter">
      <p>
        Its caller asked {wholeDuration(now - Date.parse(handoff.acceptedAt))} ago and may have hung up by now. It gets
        a fresh deadline and goes behind live handoffs.
      </p>
      {handoff.mayHaveArrived && (
        <CheckField
          label="Replay it although it may have arrived"
          checked={force}
          onChange={({ target }) => setForce(target.checked)}
          help="An attempt got no trustworthy answer: the contact may be signalled twice."
        />
      )}
      <TextField label="Why" value={note} onChange={({ target }) => setNote(target.value)} help="Kept in the audit." />
      {action.refused !== undefined && <Notice tone="bad" title={action.refused} role="alert" />}
      <DialogButtons command={commandOf(["dead-letters", "replay", handoff.id], { note, force })}>
        <Button onClick={onClose}>Cancel</Button>
        <Button
          look="primary"
          disabled={action.busy || (handoff.mayHaveArrived && !force)}
          onClick={() => action.run(undefined)}
        >
          Replay
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
