/** Pausing a connector, and starting it again. */
import { CirclePause, CirclePlay } from "lucide-react";
import { useState } from "react";
import { write } from "../api/request.ts";
import type { ConnectorJson } from "../api/shapes.ts";
import { usePermissions } from "../session/session.ts";
import { Button } from "../ui/button.tsx";
import { commandOf } from "../ui/command.ts";
import { CopyButton } from "../ui/copy.tsx";
import { type PauseBody, PauseDialog } from "../ui/pause-dialog.tsx";
import { useAction } from "../ui/use-action.ts";

interface ConnectorButtonsProps {
  readonly connector: ConnectorJson;
  /** CXone's Retry-After throttles it. */
  readonly isThrottled: boolean;
}

export function ConnectorButtons({ connector, isThrottled }: ConnectorButtonsProps) {
  const { canOperate } = usePermissions();
  const [isDialogOpen, setIsDialogOpen] = useState(false);
  const { id, name, paused } = connector;
  const path = `/admin/v1/connectors/${encodeURIComponent(id)}`;
  const resume = useAction(() => write({ method: "POST", path: `${path}/resume` }));
  const pause = (body: PauseBody) => write({ method: "POST", path: `${path}/pause`, body });
  if (!canOperate) return null;
  return (
    <>
      {(paused || isThrottled) && (
        <>
          <Button look="primary" busy={resume.busy} onClick={() => resume.run(undefined)}>
            <CirclePlay size={16} aria-hidden />
            {paused ? "Resume" : "Do not wait any longer"}
          </Button>
          <CopyButton what="its command" text={commandOf(["connectors", "resume", id])} />
        </>
      )}
      {!paused && (
        <Button onClick={() => setIsDialogOpen(true)}>
          <CirclePause size={16} aria-hidden />
          Pause…
        </Button>
      )}
      {isDialogOpen && (
        <PauseDialog onClose={() => setIsDialogOpen(false)} what={name} connectorId={id} pause={pause} />
      )}
    </>
  );
}
