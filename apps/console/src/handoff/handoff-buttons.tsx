/** What may be done with a handoff, as its state and the role allow. */
import { useState } from "react";
import { write } from "../api/request.ts";
import type { HandoffJson } from "../api/shapes.ts";
import { usePermissions } from "../session/session.ts";
import { ActionDialog } from "../ui/action-dialog.tsx";
import { Button } from "../ui/button.tsx";
import { commandOf } from "../ui/command.ts";
import { NoteField } from "../ui/field.tsx";
import { useAction } from "../ui/use-action.ts";
import { ReplayOneDialog } from "./replay-one-dialog.tsx";

type DialogName = "cancel" | "replay" | "discard";

export function HandoffButtons({ handoff }: { readonly handoff: HandoffJson }) {
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
      {asked === "cancel" && <CancelDialog handoff={handoff} onClose={close} />}
    </>
  );
}

interface OneProps {
  readonly handoff: HandoffJson;
  readonly onClose: () => void;
}

function DiscardOneDialog({ handoff, onClose }: OneProps) {
  const [note, setNote] = useState("");
  const path = `/admin/v1/dead-letters/${encodeURIComponent(handoff.id)}/discard`;
  const action = useAction(() => write({ method: "POST", path, body: note === "" ? {} : { note } }), onClose);
  const command = commandOf(["dead-letters", "discard", handoff.id], { note });
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

function CancelDialog({ handoff, onClose }: OneProps) {
  const path = `/admin/v1/handoffs/${encodeURIComponent(handoff.id)}/cancel`;
  const action = useAction(() => write({ method: "POST", path }), onClose);
  const command = commandOf(["handoff", "cancel", handoff.id]);
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
