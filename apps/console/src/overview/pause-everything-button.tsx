/** The switch that stops everything, and starts it again. */
import { CirclePause, CirclePlay } from "lucide-react";
import { useState } from "react";
import type { Overview } from "../api/answer-types.ts";
import { writeToApi } from "../api/send-api-request.ts";
import { usePermissions } from "../session/session-and-permissions.ts";
import { Button } from "../ui/button.tsx";
import { CopyButton } from "../ui/copy-button.tsx";
import { formatBatonCommand } from "../ui/format-baton-command.ts";
import { createLazyComponent } from "../ui/lazy-component.tsx";
import { useApiAction } from "../ui/use-api-action.ts";

const PauseDialog = createLazyComponent(async () => (await import("../ui/pause-dialog.tsx")).PauseDialog, {
  loading: null,
});

export function PauseEverythingButton({ overview }: { readonly overview: Overview }) {
  const { canOperate } = usePermissions();
  const resume = useApiAction(() => writeToApi({ method: "POST", path: "/admin/v1/resume" }));
  if (!canOperate) return null;
  if (!overview.paused) return <PauseButton />;
  return (
    <>
      <Button look="primary" busy={resume.busy} onClick={() => resume.run(undefined)}>
        <CirclePlay size={16} aria-hidden />
        Resume everything
      </Button>
      <CopyButton what="its command" text={formatBatonCommand(["connectors", "resume"], { all: true })} />
    </>
  );
}

function PauseButton() {
  const [isDialogOpen, setIsDialogOpen] = useState(false);
  return (
    <>
      <Button onClick={() => setIsDialogOpen(true)}>
        <CirclePause size={16} aria-hidden />
        Pause everything
      </Button>
      {isDialogOpen && (
        <PauseDialog
          onClose={() => setIsDialogOpen(false)}
          what="everything"
          pause={(body) => writeToApi({ method: "POST", path: "/admin/v1/pause", body })}
        />
      )}
    </>
  );
}
