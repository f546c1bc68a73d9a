/** A dialog, open for as long as it is drawn: the focus stays in it, and goes back to where it came from. */
import { Dialog as Base } from "@base-ui/react/dialog";
import type { ReactNode } from "react";
import { CopyButton } from "./copy-button.tsx";
import styles from "./dialog.module.css";

interface DialogProps {
  readonly onClose: () => void;
  readonly title: string;
  readonly children: ReactNode;
}

export function Dialog({ onClose, title, children }: DialogProps) {
  return (
    <Base.Root open onOpenChange={(next) => next || onClose()}>
      <Base.Portal>
        <Base.Backdrop className={styles.backdrop} />
        <Base.Viewport className={styles.viewport}>
          <Base.Popup className={styles.popup}>
            <Base.Title className={styles.title}>{title}</Base.Title>
            {children}
          </Base.Popup>
        </Base.Viewport>
      </Base.Portal>
    </Base.Root>
  );
}

interface DialogButtonsProps {
  /** What does the same on the command line. */
  readonly command?: string;
  readonly children: ReactNode;
}

/** DialogButtons stand at its end, the one that acts last. */
export function DialogButtons({ command, children }: DialogButtonsProps) {
  return (
    <div className={styles.buttons}>
      {command !== undefined && (
        <div className={styles.command}>
          <CopyButton what="command" text={command} />
        </div>
      )}
      {children}
    </div>
  );
}
