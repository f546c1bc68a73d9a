/** Pausing a connector, and starting it again. */
import { CirclePause, CirclePlay } from "lucide-react";
import { useState } from "react";
import { write } from "../api/request.ts";
import type { ConnectorJson } from "../api/shapes.ts";
import { useMay } from "../session/session.ts";
import { Button } from "../ui/button.tsx";
import { commandOf } from "../ui/command.ts";
import { CopyButton } from "../ui/copy.tsx";
import { type PauseBody, PauseDialog } from "../ui/pause-dialog.tsx";
import { useAction } from "../ui/use-action.ts";

interface ConnectorButtonsProps {
  readonly connector: ConnectorJson;
  /** CXone's Retry-After throttles it. */
  readonly held: boolean;
}

export function ConnectorButtons({ connector, held }: ConnectorButtonsProps) {
  const { operate } = useMay();
  const [asks, setAsks] = useState(false);
  const { id, name, paused } = connector;
  const path = `/admin/v1/connectors/${encodeURIComponent(id)}`;
  const resume = useAction(() => write({ method: "POST", path: `${path}/resume` }));
  const pause = (body: PauseBody) => write({ method: "POST", path: `${path}/pause`, body });
  if (!operate) return null;
  return (
    <>
      {(paused || held) && (
        <>
          <Button look="primary" disabled={resume.busy} onClick={() => resume.run(undefined)}>
            <CirclePlay size={16} aria-hidden />
            {paused ? "Resume" : "Do not wait any longer"}
          </Button>
          <CopyButton what="its command" text={commandOf(["connectors", "resume", id])} />
        </>
      )}
      {!paused && (
        <Button onClick={() => setAsks(true)}>
          <CirclePause size={16} aria-hidden />
          Pause…
        </Button>
      )}
      {asks && <PauseDialog onClose={() => setAsks(false)} what={name} connectorId={id} pause={pause} />}
    </>
  );
}
