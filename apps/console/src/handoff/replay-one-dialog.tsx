/** Replaying one dead letter. */
import { useState } from "react";
import type { HandoffJson } from "../api/answer-types.ts";
import { writeToApi } from "../api/send-api-request.ts";
import { ActionDialog } from "../ui/action-dialog.tsx";
import { useNow } from "../ui/baton-clock.ts";
import { CheckboxField, NoteField } from "../ui/form-fields.tsx";
import { formatBatonCommand } from "../ui/format-baton-command.ts";
import { formatDurationInWholeSeconds } from "../ui/format-numbers-and-times.ts";
import { useApiAction } from "../ui/use-api-action.ts";

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
  const action = useApiAction(() => writeToApi({ method: "POST", path, body }), onClose);
  const command = formatBatonCommand(["dead-letters", "replay", handoff.id], { note, force });
  const dialog = { title: "Replay this dead letter", label: "Replay", command, action, onClose };
  return (
    <ActionDialog {...dialog} isIncomplete={handoff.mayHaveArrived && !force} onAct={() => action.run(undefined)}>
      <p>
        Its caller asked {formatDurationInWholeSeconds(now - Date.parse(handoff.acceptedAt))} ago and may have hung up
        by now. It gets a fresh deadline and goes behind live handoffs.
      </p>
      {handoff.mayHaveArrived && (
        <CheckboxField
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
