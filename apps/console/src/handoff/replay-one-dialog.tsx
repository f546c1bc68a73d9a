/** Replaying one dead letter. */
import { useState } from "react";
import { write } from "../api/request.ts";
import type { HandoffJson } from "../api/shapes.ts";
import { ActionDialog } from "../ui/action-dialog.tsx";
import { useNow } from "../ui/clock.ts";
import { commandOf } from "../ui/command.ts";
import { CheckField, NoteField } from "../ui/field.tsx";
import { formatWholeDuration } from "../ui/format.ts";
import { useAction } from "../ui/use-action.ts";

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
  const command = commandOf(["dead-letters", "replay", handoff.id], { note, force });
  const dialog = { title: "Replay this dead letter", label: "Replay", command, action, onClose };
  return (
    <ActionDialog {...dialog} isIncomplete={handoff.mayHaveArrived && !force} onAct={() => action.run(undefined)}>
      <p>
        Its caller asked {formatWholeDuration(now - Date.parse(handoff.acceptedAt))} ago and may have hung up by now. It
        gets a fresh deadline and goes behind live handoffs.
      </p>
      {handoff.mayHaveArrived && (
        <CheckField
          label="Replay it although it may have arrived"
          checked={force}
          onChange={({ target }) => setForce(target.checked)}
          help="An attempt got no trustworthy answer: the contact may be signalled twice."
        />
      )}
      <NoteField note={note} onChange={setNote} />
    </ActionDialog>
  );
}
