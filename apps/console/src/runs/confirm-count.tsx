/** Typing the number before what cannot be taken back. */
import { TextField } from "../ui/field.tsx";
import { formatCount } from "../ui/format.ts";

interface ConfirmCountProps {
  readonly taken: number;
  readonly typed: string;
  readonly onType: (typed: string) => void;
}

export function ConfirmCount({ taken, typed, onType }: ConfirmCountProps) {
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

/** isConfirmed takes the number with or without its commas. */
export function isConfirmed(taken: number, typed: string): boolean {
  return typed.replaceAll(/[,\s]/g, "") === String(taken);
}
