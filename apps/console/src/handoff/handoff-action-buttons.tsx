/** What may be done with a handoff, as its state and the role allow. */
import { useState } from "react";
import type { HandoffJson } from "../api/answer-types.ts";
import { writeToApi } from "../api/send-api-request.ts";
import { usePermissions } from "../session/session-and-permissions.ts";
import { ActionDialog } from "../ui/action-dialog.tsx";
import { Button } from "../ui/button.tsx";
import { NoteField } from "../ui/form-fields.tsx";
import { formatBatonCommand } from "../ui/format-baton-command.ts";
import { useApiAction } from "../ui/use-api-action.ts";
import { ReplayOneDialog } from "./replay-one-dialog.tsx";

type DialogName = "cancel" | "replay" | "discard";

export function HandoffActionButtons({ handoff }: { readonly handoff: HandoffJson }) {
  const { canOperate } = usePermissions();
  const [asked, setAsked] = useState<DialogName>();
  const close = () => setAsked(undefined);
  if (!canOperate) return null;
  return (
    <>
      {handoff.status === "queued" && <Button onClick={() => setAsked("cancel")}>Take back…</Button>}
      {handoff.status === "dead" && (
        <>
          <Button onClick={() => setAsked("discard")}>Discard…</Button>
          <Button look="primary" onClick={() => setAsked("replay")}>
            Replay…
          </Button>
        </>
      )}
      {asked === "replay" && <ReplayOneDialog handoff={handoff} onClose={close} />}
      {asked === "discard" && <DiscardOneDialog handoff={handoff} onClose={close} />}
      {asked === "cancel" && <CancelHandoffDialog handoff={handoff} onClose={close} />}
    </>
  );
}

interface HandoffDialogProps {
  readonly handoff: HandoffJson;
  readonly onClose: () => void;
}

function DiscardOneDialog({ handoff, onClose }: HandoffDialogProps) {
  const [note, setNote] = useState("");
  const path = `/admin/v1/dead-letters/${encodeURIComponent(handoff.id)}/discard`;
  const action = useApiAction(() => writeToApi({ method: "POST", path, body: note === "" ? {} : { note } }), onClose);
  const command = formatBatonCommand(["dead-letters", "discard", handoff.id], { note });
  const dialog = {
    title: "Discard this dead letter",
    label: "Discard",
    look: "danger",
    command,
    action,
    onClose,
  } as const;
  return (
    <ActionDialog {...dialog} onAct={() => action.run(undefined)}>
      <p>It is put away for good: it cannot be replayed any more.</p>
      <NoteField note={note} onChange={setNote} />
    </ActionDialog>
  );
}

function CancelHandoffDialog({ handoff, onClose }: HandoffDialogProps) {
  const path = `/admin/v1/handoffs/${encodeURIComponent(handoff.id)}/cancel`;
  const action = useApiAction(() => writeToApi({ method: "POST", path }), onClose);
  const command = formatBatonCommand(["handoff", "cancel", handoff.id]);
  const dialog = {
    title: "Take this handoff back",
    label: "Take back",
    look: "danger",
    command,
    action,
    onClose,
  } as const;
  return (
    <ActionDialog {...dialog} keep="Leave it" onAct={() => action.run(undefined)}>
      <p>It will not be sent. That works as long as it is queued.</p>
    </ActionDialog>
  );
}
