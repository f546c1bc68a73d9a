/** The fields of a new connector, each with what it means. */
import type { FieldErrors, Path, UseFormRegister } from "react-hook-form";
import { TextField } from "../ui/form-fields.tsx";
import styles from "./connector.module.css";
import type { NewConnectorForm } from "./new-connector-form-values.ts";

export interface NewConnectorFieldsProps {
  readonly register: UseFormRegister<NewConnectorForm>;
  readonly errors: FieldErrors<NewConnectorForm>;
}

interface FieldDefinition {
  readonly name: Path<NewConnectorForm>;
  readonly label: string;
  readonly help?: string;
  readonly type?: "password";
  readonly numeric?: boolean;
}

const PROJECT: readonly FieldDefinition[] = [
  { name: "name", label: "Name", help: "For people, such as Acme support line." },
  { name: "accountId", label: "PolyAI account", help: "Such as acme." },
  { name: "projectId", label: "PolyAI project", help: "Such as support-line." },
  { name: "environment", label: "Environment", help: "live, unless the project has others." },
  { name: "businessUnit", label: "CXone business unit", help: "For people; may be left out." },
  {
    name: "pseudoNumbers",
    label: "Pseudo numbers",
    help: "On which its calls arrive, with commas between them. May be left out.",
  },
];

const CXONE: readonly FieldDefinition[] = [
  { name: "issuer", label: "Issuer", help: "Where CXone's identity service is found." },
  { name: "clientId", label: "Client id", help: "Of the registration with NICE." },
  { name: "clientSecret", label: "Client secret", type: "password" },
  { name: "accessKeyId", label: "Access key id", help: "Of a CXone user whose role may signal contacts." },
  { name: "accessKeySecret", label: "Access key secret", type: "password" },
];

const DELIVERY: readonly FieldDefinition[] = [
  {
    name: "deadlineSeconds",
    label: "Deadline, seconds",
    numeric: true,
    help: "How long a caller waits for an agent. Baton tries until then, and no longer.",
  },
  {
    name: "perSecond",
    label: "Signals a second",
    numeric: true,
    help: "In the long run. What CXone takes from this business unit; more waits in the queue.",
  },
  { name: "burst", label: "Signals at once", numeric: true, help: "After a quiet time." },
];

export function NameAndProjectFields(props: NewConnectorFieldsProps) {
  return <FieldGrid of={PROJECT} {...props} />;
}

export function CxoneAccessFields(props: NewConnectorFieldsProps) {
  return <FieldGrid of={CXONE} {...props} />;
}

export function DeadlineAndRateFields(props: NewConnectorFieldsProps) {
  return <FieldGrid of={DELIVERY} {...props} />;
}

function FieldGrid({ of, register, errors }: NewConnectorFieldsProps & { readonly of: readonly FieldDefinition[] }) {
  return (
    <div className={styles.pair}>
      {of.map(({ name, label, help, type, numeric }) => (
        <TextField
          key={name}
          label={label}
          {...register(name)}
          {...(help === undefined ? {} : { help })}
          {...(type === undefined ? {} : { type, autoComplete: "new-password" })}
          {...(numeric ? { inputMode: "numeric" } : {})}
          error={errors[name]?.message}
        />
      ))}
    </div>
  );
}
