/** A dialog that asks for one action: its fields, why it was refused, and the two buttons. */
import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import styles from "./dialog.module.css";
import { Dialog, DialogButtons } from "./dialog.tsx";
import { Form } from "./form-fields.tsx";
import { ActionRefusalNotice } from "./refusal-notices.tsx";

interface ActionDialogProps {
  readonly title: string;
  readonly onClose: () => void;
  /** The words on the button that acts. */
  readonly label: string;
  readonly look?: "primary" | "danger";
  /** What does the same on the command line. */
  readonly command: string;
  /** The words on the button that closes. */
  readonly keep?: string;
  readonly action: { readonly busy: boolean; readonly refused: string | undefined };
  /** Something that the action needs is missing. */
  readonly isIncomplete?: boolean;
  readonly onAct: () => void;
  readonly children: ReactNode;
}

/** ActionDialog acts on its button, and on Enter in one of its fields. */
export function ActionDialog({ title, onClose, label, look, command, keep = "Cancel", ...rest }: ActionDialogProps) {
  const { action, isIncomplete = false, onAct, children } = rest;
  return (
    <Dialog onClose={onClose} title={title}>
      <Form className={styles.form} onSubmit={onAct}>
        {children}
        <ActionRefusalNotice of={action} />
        <DialogButtons command={command}>
          <Button onClick={onClose}>{keep}</Button>
          <Button type="submit" look={look ?? "primary"} busy={action.busy} disabled={isIncomplete}>
            {label}
          </Button>
        </DialogButtons>
      </Form>
    </Dialog>
  );
}
