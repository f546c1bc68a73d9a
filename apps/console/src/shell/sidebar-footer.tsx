/** What stands below the way to the pages: the switches, who is signed in, and whether the clocks agree. */
import { Keyboard, LogOut, Pause, Play } from "lucide-react";
import { setLiveUpdatesPaused, useLiveUpdatesPaused } from "../live/live-updates-pause.ts";
import { useSession, useSignInAndOut } from "../session/session-and-permissions.ts";
import { useClockAheadMs } from "../ui/baton-clock.ts";
import { Button } from "../ui/button.tsx";
import { formatDuration } from "../ui/format-numbers-and-times.ts";
import { ActionRefusalNotice } from "../ui/refusal-notices.tsx";
import { useApiAction } from "../ui/use-api-action.ts";
import styles from "./shell.module.css";
import { ThemeSwitch } from "./theme-switch.tsx";

export function SidebarFooter({ onHelp }: { readonly onHelp: () => void }) {
  const session = useSession();
  const { signOut } = useSignInAndOut();
  const leaving = useApiAction(signOut);
  const paused = useLiveUpdatesPaused();
  return (
    <div className={styles.foot}>
      <Button look="quiet" small aria-pressed={paused} onClick={() => setLiveUpdatesPaused(!paused)}>
        {paused ? <Play size={15} aria-hidden /> : <Pause size={15} aria-hidden />}
        {paused ? "Go on with updates" : "Pause updates"}
      </Button>
      <ThemeSwitch />
      <Button look="quiet" small onClick={onHelp}>
        <Keyboard size={15} aria-hidden />
        Shortcuts
      </Button>
      <Button look="quiet" small busy={leaving.busy} onClick={() => leaving.run(undefined)}>
        <LogOut size={15} aria-hidden />
        Sign out
      </Button>
      <ActionRefusalNotice of={leaving} />
      <div className={styles.who}>
        <strong>{session.name}</strong> {session.role}
      </div>
      <ClockNotice />
    </div>
  );
}

/** ClockNotice says that the time on the pages is not the one that this computer shows. */
function ClockNotice() {
  const aheadMs = useClockAheadMs();
  if (aheadMs === 0) return null;
  const off = `${formatDuration(Math.abs(aheadMs))} ${aheadMs > 0 ? "ahead of" : "behind"} Baton's`;
  return (
    <p className={styles.clock} role="status">
      This computer's clock is {off}. Ages and deadlines here go by Baton's.
    </p>
  );
}
