/** The list of the keyboard's shortcuts, with the switch that turns them off. */
import { Button } from "../ui/button.tsx";
import { Dialog, DialogButtons } from "../ui/dialog.tsx";
import { CheckField } from "../ui/field.tsx";
import styles from "./shortcuts.module.css";
import { PLACES, type Switch } from "./use-shortcuts.ts";

interface ShortcutsProps extends Switch {
  readonly onClose: () => void;
}

export function ShortcutsDialog({ onClose, on, turn }: ShortcutsProps) {
  return (
    <Dialog onClose={onClose} title="Keyboard shortcuts">
      <dl className={styles.list}>
        <Shortcut keys={["?"]} does="This list" />
        <Shortcut keys={["p"]} does="Pause updates, or go on with them" />
        {Object.entries(PLACES).map(([key, { title }]) => (
          <Shortcut key={key} keys={["g", key]} does={title} />
        ))}
        <Shortcut keys={["Esc"]} does="Close a dialog" />
      </dl>
      <CheckField label="Shortcuts are on" checked={on} onChange={({ target }) => turn(target.checked)} />
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
