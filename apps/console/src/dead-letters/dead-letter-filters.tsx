/** The filters of both tabs, as members of the address. */
import { CAUSE_STATES, DEAD_REASONS } from "@baton/domain";
import { useNavigate } from "@tanstack/react-router";
import { ConnectorFilter } from "../connectors/connector-filter.tsx";
import { CAUSE_SORTS, type DeadLetterSearch, isUnfiltered } from "../page-search-params.ts";
import { batonTimeNow, useNow } from "../ui/baton-clock.ts";
import { type Option, OptionsSelectField, SelectField } from "../ui/form-fields.tsx";
import { formatTimeOfDay } from "../ui/format-numbers-and-times.ts";
import { ChoiceFilter, ClearFiltersButton, FilterBar, InstantFilter, TextFilter } from "../ui/list-filters.tsx";

const MINUTE_MS = 60_000;
const SINCE_OPTIONS: readonly Option[] = [
  ["15", "in the last 15 min"],
  ["60", "in the last hour"],
  ["1440", "in the last 24 h"],
];
const SORTS: Readonly<Record<(typeof CAUSE_SORTS)[number], string>> = {
  count: "most dead letters",
  lastHour: "most in the last hour",
  latest: "latest",
};
const ARRIVALS: readonly Option[] = [
  ["", "any"],
  ["true", "yes"],
  ["false", "no"],
];

interface DeadLetterFiltersProps {
  readonly tab: "causes" | "list";
  readonly search: DeadLetterSearch;
}

export function DeadLetterFilters({ tab, search }: DeadLetterFiltersProps) {
  const change = useChangeDeadLetterFilters();
  const filtered = !isUnfiltered(search) || search.state !== undefined;
  return (
    <FilterBar label="Filters of the dead letters">
      <ConnectorFilter value={search.connectorId} onChange={(connectorId) => change({ connectorId })} />
      {tab === "causes" ? <CauseFilters search={search} /> : <ListFilters search={search} />}
      {filtered && <ClearFiltersButton onClear={() => change(NO_FILTER)} />}
    </FilterBar>
  );
}

/** NO_FILTER is every filter taken away. */
export const NO_FILTER = {
  connectorId: undefined,
  reason: undefined,
  cause: undefined,
  contactId: undefined,
  from: undefined,
  to: undefined,
  mayHaveArrived: undefined,
  state: undefined,
} as const;

/** useChangeDeadLetterFilters changes members of the address; a page of another list would be none of this one. */
export function useChangeDeadLetterFilters() {
  const navigate = useNavigate({ from: "/dead-letters" });
  return (change: Partial<DeadLetterSearch>) =>
    void navigate({ search: (before) => ({ ...before, ...change, cursor: undefined }) });
}

function CauseFilters({ search }: { readonly search: DeadLetterSearch }) {
  const change = useChangeDeadLetterFilters();
  return (
    <>
      <ChoiceFilter label="State" choices={CAUSE_STATES} value={search.state} onChange={(state) => change({ state })} />
      <OptionsSelectField
        label="First"
        options={CAUSE_SORTS.map((sort) => [sort, SORTS[sort]])}
        value={search.sort ?? "count"}
        onChange={({ target }) => change({ sort: CAUSE_SORTS.find((sort) => sort === target.value) })}
      />
    </>
  );
}

function ListFilters({ search }: { readonly search: DeadLetterSearch }) {
  const change = useChangeDeadLetterFilters();
  return (
    <>
      <ChoiceFilter
        label="Reason"
        choices={DEAD_REASONS}
        value={search.reason}
        onChange={(reason) => change({ reason })}
      />
      <TextFilter
        label="Contact id"
        inputMode="numeric"
        value={search.contactId}
        onChange={(contactId) => change({ contactId })}
      />
      <ArrivalFilter value={search.mayHaveArrived} onChange={(mayHaveArrived) => change({ mayHaveArrived })} />
      <TextFilter label="Cause" value={search.cause} onChange={(cause) => change({ cause })} />
      <SinceFilter from={search.from} onChange={(from) => change({ from })} />
      <InstantFilter label="Died from, UTC" value={search.from} onChange={(from) => change({ from })} />
      <InstantFilter label="Died before, UTC" value={search.to} onChange={(to) => change({ to })} />
    </>
  );
}

interface ArrivalFilterProps {
  readonly value: DeadLetterSearch["mayHaveArrived"];
  readonly onChange: (value: DeadLetterSearch["mayHaveArrived"]) => void;
}

/** ArrivalFilter tells those whose signal may have arrived from those whose cannot have. */
function ArrivalFilter({ value, onChange }: ArrivalFilterProps) {
  return (
    <OptionsSelectField
      label="May have arrived"
      options={ARRIVALS}
      value={value ?? ""}
      onChange={({ target }) => onChange((["true", "false"] as const).find((word) => word === target.value))}
    />
  );
}

interface SinceFilterProps {
  readonly from: string | undefined;
  readonly onChange: (from: string | undefined) => void;
}

function SinceFilter({ from, onChange }: SinceFilterProps) {
  const now = useNow();
  return (
    <SelectField
      label="Died"
      value={from ?? ""}
      onChange={({ target }) =>
        onChange(
          target.value === "" ? undefined : new Date(batonTimeNow() - Number(target.value) * MINUTE_MS).toISOString(),
        )
      }
    >
      <option value="">at any time</option>
      {from !== undefined && <option value={from}>since {formatTimeOfDay(Date.parse(from), now)}</option>}
      {SINCE_OPTIONS.map(([minutes, words]) => (
        <option key={minutes} value={minutes}>
          {words}
        </option>
      ))}
    </SelectField>
  );
}
