/** The list of the keyboard's shortcuts, with the switch that turns them off. */
import { Button } from "../ui/button.tsx";
import { Dialog, DialogButtons } from "../ui/dialog.tsx";
import { CheckboxField } from "../ui/form-fields.tsx";
import styles from "./shortcuts.module.css";
import { SHORTCUT_PLACES, type ShortcutsSwitch } from "./use-shortcuts.ts";

interface ShortcutsProps extends ShortcutsSwitch {
  readonly onClose: () => void;
}

export function ShortcutsDialog({ onClose, on, turn }: ShortcutsProps) {
  return (
    <Dialog onClose={onClose} title="Keyboard shortcuts">
      <dl className={styles.list}>
        <Shortcut keys={["?"]} does="This list" />
        <Shortcut keys={["p"]} does="Pause updates, or go on with them" />
        {Object.entries(SHORTCUT_PLACES).map(([key, { title }]) => (
          <Shortcut key={key} keys={["g", key]} does={title} />
        ))}
        <Shortcut keys={["Esc"]} does="Close a dialog" />
      </dl>
      <CheckboxField label="Shortcuts are on" checked={on} onChange={({ target }) => turn(target.checked)} />
      <DialogButtons>
        <Button onClick={onClose}>Close</Button>
      </DialogButtons>
    </Dialog>
  );
}

function Shortcut({ keys, does }: { readonly keys: readonly string[]; readonly does: string }) {
  return (
    <>
      <dt>
        {keys.map((key) => (
          <kbd key={key} className={styles.key}>
            {key}
          </kbd>
        ))}
      </dt>
      <dd>{does}</dd>
    </>
  );
}
