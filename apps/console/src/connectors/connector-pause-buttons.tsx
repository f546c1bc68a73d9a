/** Pausing a connector, and starting it again. */
import { CirclePause, CirclePlay } from "lucide-react";
import { useState } from "react";
import type { ConnectorJson } from "../api/answer-types.ts";
import { writeToApi } from "../api/send-api-request.ts";
import { usePermissions } from "../session/session-and-permissions.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { formatBatonCommand } from "../ui/format-baton-command.ts";
import { type PauseBody, PauseDialog } from "../ui/pause-dialog.tsx";
import { useApiAction } from "../ui/use-api-action.ts";

interface ConnectorPauseButtonsProps {
  readonly connector: ConnectorJson;
  /** CXone's Retry-After throttles it. */
  readonly isThrottled: boolean;
}

export function ConnectorPauseButtons({ connector, isThrottled }: ConnectorPauseButtonsProps) {
  const { canOperate } = usePermissions();
  const [isDialogOpen, setIsDialogOpen] = useState(false);
  const { id, name, paused } = connector;
  const path = `/admin/v1/connectors/${encodeURIComponent(id)}`;
  const resume = useApiAction(() => writeToApi({ method: "POST", path: `${path}/resume` }));
  const pause = (body: PauseBody) => writeToApi({ method: "POST", path: `${path}/pause`, body });
  if (!canOperate) return null;
  return (
    <>
      {(paused || isThrottled) && (
        <>
          <Button look="primary" busy={resume.busy} onClick={() => resume.run(undefined)}>
            <CirclePlay size={16} aria-hidden />
            {paused ? "Resume" : "Do not wait any longer"}
          </Button>
          <CopyButton what="its command" text={formatBatonCommand(["connectors", "resume", id])} />
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
