/** What may be done with a handoff, as its state and the role allow. */
import { useState } from "react";
import { write } from "../api/request.ts";
import type { HandoffJson } from "../api/shapes.ts";
import { useMay } from "../session/session.ts";
import { Button } from "../ui/button.tsx";
import { commandOf } from "../ui/command.ts";
import { Dialog, DialogButtons } from "../ui/dialog.tsx";
import { TextField } from "../ui/field.tsx";
import { Notice } from "../ui/notice.tsx";
import { useAction } from "../ui/use-action.ts";
import { ReplayOneDialog } from "./replay-one-dialog.tsx";

type Asked = "cancel" | "replay" | "discard";

export function HandoffButtons({ handoff }: { readonly handoff: HandoffJson }) {
  const { operate } = useMay();
  const [asked, setAsked] = useState<Asked>();
  const close = () => setAsked(undefined);
  if (!operate) return null;
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
  return (
    <Dialog onClose={onClose} title="Discard this dead letter">
      <p>It is put away for good: it cannot be replayed any more.</p>
      <TextField label="Why" value={note} onChange={({ target }) => setNote(target.value)} help="Kept in the audit." />
      {action.refused !== undefined && <Notice tone="bad" title={action.refused} role="alert" />}
      <DialogButtons command={commandOf(["dead-letters", "discard", handoff.id], { note })}>
        <Button onClick={onClose}>Cancel</Button>
        <Button look="danger" disabled={action.busy} onClick={() => action.run(undefined)}>
          Discard
        </Button>
      </DialogButtons>
    </Dialog>
  );
}

function CancelDialog({ handoff, onClose }: OneProps) {
  const path = `/admin/v1/handoffs/${encodeURIComponent(handoff.id)}/cancel`;
  const action = useAction(() => write({ method: "POST", path }), onClose);
  return (
    <Dialog onClose={onClose} title="Take this handoff back">
      <p>It will not be sent. That works as long as it is queued.</p>
      {action.refused !== undefined && <Notice tone="bad" title={action.refused} role="alert" />}
      <DialogButtons command={commandOf(["handoff", "cancel", handoff.id])}>
        <Button onClick={onClose}>Leave it</Button>
        <Button look="danger" disabled={action.busy} onClick={() => action.run(undefined)}>
          Take back
        </Button>
      </DialogButtons>
    </Dialog>
  );
}
