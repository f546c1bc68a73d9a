/** What has come to a list since it was drawn. */
import { Button } from "../ui/button.tsx";
import styles from "./live.module.css";
import type { SteadyList } from "./steady-list.ts";

/** Newer says how many rows wait to be shown; nothing moves before it is pressed. */
export function Newer<T>({ of }: { readonly of: SteadyList<T> }) {
  return (
    <div className={styles.newer} aria-live="polite">
      {of.newer > 0 && (
        <Button small onClick={of.show}>
          {of.newer} new · show
        </Button>
      )}
    </div>
  );
}
