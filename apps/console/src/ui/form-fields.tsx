/** Forms, and their fields: label, what it means, and what is wrong, all read out together. */
import { type ComponentProps, type ReactNode, useId } from "react";
import styles from "./form-fields.module.css";

interface FormProps extends Omit<ComponentProps<"form">, "onSubmit"> {
  readonly onSubmit: () => void;
}

/** Form is handed to the page alone; the browser does not send it. */
export function Form({ onSubmit, ...rest }: FormProps) {
  return (
    <form
      {...rest}
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    />
  );
}

interface FieldTexts {
  readonly label: string;
  readonly help?: ReactNode;
  readonly error?: string | undefined;
}

function describedBy(id: string, { help, error }: FieldTexts): string | undefined {
  const ids = [help === undefined ? "" : `${id}-help`, error === undefined ? "" : `${id}-error`].filter(Boolean);
  return ids.length === 0 ? undefined : ids.join(" ");
}

interface LabelledFieldProps extends FieldTexts {
  readonly id: string;
  readonly children: ReactNode;
}

function LabelledField({ id, label, help, error, children }: LabelledFieldProps) {
  return (
    <div className={styles.field}>
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      {children}
      {help !== undefined && (
        <div className={styles.help} id={`${id}-help`}>
          {help}
        </div>
      )}
      {error !== undefined && (
        <div className={styles.error} id={`${id}-error`}>
          {error}
        </div>
      )}
    </div>
  );
}

/** TextField is one line. */
export function TextField({ label, help, error, ...rest }: FieldTexts & ComponentProps<"input">) {
  const id = useId();
  const labelled = { label, help, error };
  return (
    <LabelledField id={id} {...labelled}>
      <input
        autoComplete="off"
        spellCheck={false}
        {...rest}
        id={id}
        className={styles.input}
        aria-invalid={error !== undefined}
        aria-describedby={describedBy(id, labelled)}
      />
    </LabelledField>
  );
}

/** SelectField offers one of a few. */
export function SelectField({ label, help, error, ...rest }: FieldTexts & ComponentProps<"select">) {
  const id = useId();
  const labelled = { label, help, error };
  return (
    <LabelledField id={id} {...labelled}>
      <select {...rest} id={id} className={styles.input} aria-describedby={describedBy(id, labelled)} />
    </LabelledField>
  );
}

/** CheckboxField is on or off. */
export function CheckboxField({ label, help, ...rest }: Omit<FieldTexts, "error"> & ComponentProps<"input">) {
  const id = useId();
  return (
    <div className={styles.check}>
      <input type="checkbox" {...rest} id={id} aria-describedby={describedBy(id, { label, help })} />
      <label className={styles.label} htmlFor={id}>
        {label}
      </label>
      {help !== undefined && (
        <div className={styles.help} id={`${id}-help`}>
          {help}
        </div>
      )}
    </div>
  );
}

interface NoteFieldProps {
  readonly note: string;
  readonly onChange: (note: string) => void;
  readonly required?: boolean;
  readonly help?: string;
}

/** NoteField asks why something is done. */
export function NoteField({ note, onChange, help = "Kept in the audit.", ...rest }: NoteFieldProps) {
  return <TextField label="Why" {...rest} value={note} onChange={({ target }) => onChange(target.value)} help={help} />;
}

/** Option is a value of a select and the words that stand for it. */
export type Option = readonly [string, string];

/** OptionsSelectField is a SelectField of options. */
export function OptionsSelectField({
  options,
  ...rest
}: Omit<ComponentProps<typeof SelectField>, "children"> & { readonly options: readonly Option[] }) {
  return (
    <SelectField {...rest}>
      {options.map(([value, words]) => (
        <option key={words} value={value}>
          {words}
        </option>
      ))}
    </SelectField>
  );
}
