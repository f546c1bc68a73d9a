/** Filters and tabs; both live in the address. */
import type { ReactNode } from "react";
import { type SubmitEvent, useState } from "react";
import { TextField } from "./field.tsx";
import styles from "./filters.module.css";

export function FilterBar({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <search className={styles.bar} aria-label={label}>
      {children}
    </search>
  );
}

interface TextFilterProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly inputMode?: "numeric";
  readonly onChange: (value: string | undefined) => void;
}

/** TextFilter takes effect with Enter, or when it is left. */
export function TextFilter({ label, value = "", inputMode, onChange }: TextFilterProps) {
  const [typed, setTyped] = useState<string>();
  const take = () => {
    if (typed === undefined || typed.trim() === value) return;
    onChange(typed.trim() === "" ? undefined : typed.trim());
    setTyped(undefined);
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    take();
  };
  return (
    <form onSubmit={submit}>
      <TextField
        label={label}
        value={typed ?? value}
        inputMode={inputMode}
        onChange={({ target }) => setTyped(target.value)}
        onBlur={take}
      />
    </form>
  );
}

export function Tabs({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <nav className={styles.tabs} aria-label={label}>
      {children}
    </nav>
  );
}

/** TAB_CLASS is for the links among Tabs; the one that is open carries `aria-current`. */
export const TAB_CLASS = styles.tab ?? "";
