/** The switch that stops everything, and starts it again. */
import { CirclePause, CirclePlay } from "lucide-react";
import { useState } from "react";
import { write } from "../api/request.ts";
import type { Overview } from "../api/shapes.ts";
import { usePermissions } from "../session/session.ts";
import { Button } from "../ui/button.tsx";
import { commandOf } from "../ui/command.ts";
import { CopyButton } from "../ui/copy.tsx";
import { lazyPart } from "../ui/lazy-part.tsx";
import { useAction } from "../ui/use-action.ts";

const PauseDialog = lazyPart(async () => (await import("../ui/pause-dialog.tsx")).PauseDialog, { loading: null });

export function PauseEverything({ overview }: { readonly overview: Overview }) {
  const { canOperate } = usePermissions();
  const resume = useAction(() => write({ method: "POST", path: "/admin/v1/resume" }));
  if (!canOperate) return null;
  if (!overview.paused) return <PauseButton />;
  return (
    <>
      <Button look="primary" busy={resume.busy} onClick={() => resume.run(undefined)}>
        <CirclePlay size={16} aria-hidden />
        Resume everything
      </Button>
      <CopyButton what="its command" text={commandOf(["connectors", "resume"], { all: true })} />
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
          pause={(body) => write({ method: "POST", path: "/admin/v1/pause", body })}
        />
      )}
    </>
  );
}
