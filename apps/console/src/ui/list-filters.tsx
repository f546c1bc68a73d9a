/** Filters of a list; they live in the address. */
import { FilterX } from "lucide-react";
import { type ChangeEvent, type KeyboardEvent, type ReactNode, useState } from "react";
import { Button } from "./button.tsx";
import { Form, SelectField, TextField } from "./form-fields.tsx";
import styles from "./list-filters.module.css";
import { EmptyState } from "./page-layout.tsx";
import { formatUtcFieldValue, parseUtcFieldValue } from "./utc-field-value.ts";

export function FilterBar({ label, children }: { readonly label: string; readonly children: ReactNode }) {
  return (
    <search className={styles.bar} aria-label={label}>
      {children}
    </search>
  );
}

/** ClearFiltersButton takes every filter away. */
export function ClearFiltersButton({ onClear }: { readonly onClear: () => void }) {
  return (
    <Button onClick={onClear}>
      <FilterX size={15} aria-hidden />
      Clear filters
    </Button>
  );
}

/** NoneMatches stands where filters leave nothing to show. */
export function NoneMatches({ title, onClear }: { readonly title: string; readonly onClear: () => void }) {
  return (
    <EmptyState title={title}>
      <Button onClick={onClear}>Clear filters</Button>
    </EmptyState>
  );
}

interface ChoiceFilterProps<T extends string> {
  readonly label: string;
  readonly choices: readonly T[];
  readonly value: T | undefined;
  readonly onChange: (value: T | undefined) => void;
}

/** ChoiceFilter lets one of few be chosen, or any. */
export function ChoiceFilter<T extends string>({ label, choices, value, onChange }: ChoiceFilterProps<T>) {
  return (
    <SelectField
      label={label}
      value={value ?? ""}
      onChange={({ target }) => onChange(choices.find((choice) => choice === target.value))}
    >
      <option value="">any</option>
      {choices.map((choice) => (
        <option key={choice} value={choice}>
          {choice.replaceAll("-", " ")}
        </option>
      ))}
    </SelectField>
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
  const { take, field } = useTypedFilter(value, (typed) => onChange(typed === "" ? undefined : typed));
  return (
    <Form onSubmit={take}>
      <TextField {...field} label={label} inputMode={inputMode} onBlur={take} />
    </Form>
  );
}

/**
 * InstantFilter asks for a day and a time of it in UTC, and takes effect as TextFilter does. `value` is an instant as
 * the API has it.
 */
export function InstantFilter({ label, value, onChange }: Omit<TextFilterProps, "inputMode">) {
  const { take, field } = useTypedFilter(formatUtcFieldValue(value), (typed) => onChange(parseUtcFieldValue(typed)));
  // The browser itself submits no form on Enter in such a field, and refuses parts of a second, which an address has.
  const press = ({ key }: KeyboardEvent) => {
    if (key === "Enter") take();
  };
  return (
    <Form className={styles.instant} onSubmit={take} noValidate>
      <TextField {...field} label={label} type="datetime-local" step={1} onKeyDown={press} onBlur={take} />
    </Form>
  );
}

/** useTypedFilter keeps what is typed until it is taken; what is already there is not taken again. */
function useTypedFilter(value: string, onTake: (typed: string) => void) {
  const [typed, setTyped] = useState<string>();
  const take = () => {
    if (typed === undefined || typed.trim() === value) return;
    onTake(typed.trim());
    setTyped(undefined);
  };
  const onChange = ({ target }: ChangeEvent<HTMLInputElement>) => setTyped(target.value);
  return { take, field: { value: typed ?? value, onChange } };
}
