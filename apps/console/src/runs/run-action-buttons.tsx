/** Pausing a run, going on with it, and ending it. */
import { Ban, CirclePause, CirclePlay } from "lucide-react";
import { useState } from "react";
import type { Run } from "../api/answer-types.ts";
import { writeToApi } from "../api/send-api-request.ts";
import { usePermissions } from "../session/session-and-permissions.ts";
import { ActionDialog } from "../ui/action-dialog.tsx";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { formatBatonCommand } from "../ui/format-baton-command.ts";
import { formatCount } from "../ui/format-numbers-and-times.ts";
import { ActionRefusalNotice } from "../ui/refusal-notices.tsx";
import { useApiAction } from "../ui/use-api-action.ts";
import { countItemsToCome } from "./run-progress-segments.ts";

interface RunButtonsProps {
  readonly run: Run;
  /** Where the API has it. */
  readonly path: string;
}

export function RunActionButtons({ run, path }: RunButtonsProps) {
  const { canOperate } = usePermissions();
  const [isDialogOpen, setIsDialogOpen] = useState(false);
  const action = useApiAction((verb: "pause" | "resume") => writeToApi({ method: "POST", path: `${path}/${verb}` }));
  if (!canOperate || run.status === "completed" || run.status === "cancelled") return null;
  const verb = run.status === "running" ? "pause" : "resume";
  return (
    <>
      <Button onClick={() => setIsDialogOpen(true)}>
        <Ban size={16} aria-hidden />
        Cancel…
      </Button>
      {run.status === "running" ? (
        <Button busy={action.busy} onClick={() => action.run("pause")}>
          <CirclePause size={16} aria-hidden />
          Pause
        </Button>
      ) : (
        <Button look="primary" busy={action.busy} onClick={() => action.run("resume")}>
          <CirclePlay size={16} aria-hidden />
          Resume
        </Button>
      )}
      <CopyButton what="its command" text={formatBatonCommand([`${run.kind}s`, verb, run.id])} />
      <ActionRefusalNotice of={action} />
      {isDialogOpen && <CancelRunDialog run={run} path={path} onClose={() => setIsDialogOpen(false)} />}
    </>
  );
}

function CancelRunDialog({ run, path, onClose }: RunButtonsProps & { readonly onClose: () => void }) {
  const action = useApiAction(() => writeToApi({ method: "POST", path: `${path}/cancel` }), onClose);
  const command = formatBatonCommand([`${run.kind}s`, "cancel", run.id]);
  const dialog = {
    title: "Cancel this run",
    label: "Cancel the run",
    look: "danger",
    command,
    action,
    onClose,
  } as const;
  return (
    <ActionDialog {...dialog} keep="Let it run" onAct={() => action.run(undefined)}>
      <p>
        No further dead letter is taken: {formatCount(countItemsToCome(run))} stay as they are. What is on its way goes
        on, and what was done stays done.
      </p>
    </ActionDialog>
  );
}
