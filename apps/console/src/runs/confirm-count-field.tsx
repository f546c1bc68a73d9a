/** Typing the number before what cannot be taken back. */
import { TextField } from "../ui/form-fields.tsx";
import { formatCount } from "../ui/format-numbers-and-times.ts";

interface ConfirmCountFieldProps {
  readonly taken: number;
  readonly typed: string;
  readonly onType: (typed: string) => void;
}

export function ConfirmCountField({ taken, typed, onType }: ConfirmCountFieldProps) {
  return (
    <TextField
      label={`Type ${taken} to confirm`}
      inputMode="numeric"
      value={typed}
      onChange={({ target }) => onType(target.value)}
      help={`So that ${formatCount(taken)} is what you mean.`}
    />
  );
}

/** isCountConfirmed takes the number with or without its commas. */
export function isCountConfirmed(taken: number, typed: string): boolean {
  return typed.replaceAll(/[,\s]/g, "") === String(taken);
}
