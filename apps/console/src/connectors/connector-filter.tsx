/** The filter of a list by connector. */
import { SelectField } from "../ui/form-fields.tsx";
import { useConnectors } from "./use-connectors.ts";

interface ConnectorFilterProps {
  readonly value: string | undefined;
  readonly onChange: (value: string | undefined) => void;
}

/** ConnectorFilter chooses one of all connectors. */
export function ConnectorFilter({ value = "", onChange }: ConnectorFilterProps) {
  const { items } = useConnectors();
  return (
    <SelectField label="Connector" value={value} onChange={({ target }) => onChange(target.value || undefined)}>
      <option value="">any</option>
      {value !== "" && items.every(({ id }) => id !== value) && <option>{value}</option>}
      {items.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}
