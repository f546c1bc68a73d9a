/** A plan as its operator looks at it: how old first, then how many, whose, and five of them. */
import { DEFAULT_RUN_RATE } from "@baton/domain";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { DeadLetterFilter, DeadReason, Plan } from "../api/answer-types.ts";
import { type Connectors, useConnectors } from "../connectors/use-connectors.ts";
import { deadReasonTitle } from "../dead-letters/cause-title.ts";
import type { DeadLetterSearch } from "../page-search-params.ts";
import { useNow } from "../ui/baton-clock.ts";
import { formatCount, formatDuration, formatDurationInWholeSeconds } from "../ui/format-numbers-and-times.ts";
import { Instant } from "../ui/instant.tsx";
import { MonoText, Panel } from "../ui/page-layout.tsx";
import styles from "./plan.module.css";

/** What the API calls the connectors behind the thousandth. */
const OTHERS = "other";
const ESTIMATED = `about, at ${DEFAULT_RUN_RATE} a second or at the connectors' own rates`;

export function PlanAgesAndCounts({ plan }: { readonly plan: Plan }) {
  const connectors = useConnectors();
  const now = useNow();
  const left = Date.parse(plan.expiresAt) - now;
  return (
    <>
      <Panel
        title="How old they are"
        note={left > 0 ? `good for ${formatDurationInWholeSeconds(left)} more` : "expired: make it anew"}
      >
        <p>
          Since they died: their callers have waited longer, since the handoff was accepted. After minutes most have
          hung up.
        </p>
        <AgeBars plan={plan} />
      </Panel>
      <Panel title="What is taken" note={<Instant at={plan.asOf} />}>
        <div className={styles.figures}>
          <Figure value={<CountLink of={matchedCount(plan)} />} words="matched" />
          <Figure value={<CountLink of={takenCount(plan)} />} words="taken" />
          <Figure value={<CountLink of={mayHaveArrivedCount(plan)} />} words="may have arrived already" />
          {plan.connectorDeleted !== undefined && (
            <Figure value={formatCount(plan.connectorDeleted)} words="of a deleted connector, left out" />
          )}
          {plan.kind === "replay" && <Figure value={formatDuration(plan.estimateMs)} words={ESTIMATED} />}
        </div>
        <div className={styles.columns}>
          <CountList title="By reason" of={countsByReason(plan)} />
          <CountList title="By connector" of={countsByConnector(plan, connectors)} />
        </div>
      </Panel>
      <SampleList plan={plan} connectors={connectors} />
    </>
  );
}

function SampleList({ plan, connectors }: { readonly plan: Plan; readonly connectors: Connectors }) {
  return (
    <Panel title="Five of them">
      <ul className={styles.samples}>
        {plan.sample.map(({ id, contactId, connectorId, acceptedAt }) => (
          <li key={id}>
            <Link to="/handoffs/$id" params={{ id }}>
              <MonoText>{contactId}</MonoText>
            </Link>{" "}
            · {connectors.nameOf(connectorId)} · accepted <Instant at={acceptedAt} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function AgeBars({ plan }: { readonly plan: Plan }) {
  return (
    <div className={styles.ages}>
      {plan.olderThan.map(({ ms, count: older }) => (
        <div key={ms} className={styles.age}>
          <span>over {formatDuration(ms)}</span>
          <progress value={older} max={Math.max(1, plan.matched)} aria-label={`Died over ${formatDuration(ms)} ago`} />
          <CountLink of={{ many: older, search: olderSearch(plan, ms) }} />
        </div>
      ))}
    </div>
  );
}

function Figure({ value, words }: { readonly value: ReactNode; readonly words: string }) {
  return (
    <div className={styles.figure}>
      <strong>{value}</strong>
      <span>{words}</span>
    </div>
  );
}

/** CountRow is a number of dead letters; with `search` it leads to exactly these. */
interface CountRow {
  readonly name: string;
  readonly many: number;
  readonly search?: DeadLetterSearch;
}

function CountList({ title, of }: { readonly title: string; readonly of: readonly CountRow[] }) {
  return (
    <div>
      <h3>{title}</h3>
      <dl className={styles.counts}>
        {of.map((counted) => (
          <CountRow key={counted.name} of={counted} />
        ))}
      </dl>
    </div>
  );
}

function CountRow({ of }: { readonly of: CountRow }) {
  return (
    <>
      <dt>{of.name}</dt>
      <dd>
        <CountLink of={of} />
      </dd>
    </>
  );
}

function CountLink({ of: { many, search } }: { readonly of: Omit<CountRow, "name"> }) {
  if (search === undefined || many === 0) return formatCount(many);
  return (
    <Link to="/dead-letters" search={search}>
      {formatCount(many)}
    </Link>
  );
}

function matchedCount({ matched, filter }: Plan) {
  return { many: matched, search: toDeadLetterSearch(filter) };
}

function mayHaveArrivedCount({ mayHaveArrived, filter }: Plan) {
  return { many: mayHaveArrived, search: { ...toDeadLetterSearch(filter), mayHaveArrived: "true" as const } };
}

/**
 * takenCount leads to those that are taken, where the list has a filter for them: all, or all that cannot have arrived.
 */
function takenCount(plan: Plan) {
  const { taken: many, matched, mayHaveArrived } = plan;
  if (many === matched) return matchedCount(plan);
  const search = { ...toDeadLetterSearch(plan.filter), mayHaveArrived: "false" as const };
  return many === matched - mayHaveArrived ? { many, search } : { many };
}

/** olderSearch leads to those that died longer ago than `ms` when the plan was made. */
function olderSearch({ filter, asOf }: Plan, ms: number): DeadLetterSearch {
  const before = new Date(Date.parse(asOf) - ms).toISOString();
  return { ...toDeadLetterSearch(filter), to: filter.to !== undefined && filter.to < before ? filter.to : before };
}

function countsByReason({ byReason, filter }: Plan): readonly CountRow[] {
  return Object.entries(byReason)
    .filter(([, many]) => many > 0)
    .map(([name, many]) => {
      const reason = name as DeadReason;
      return { name: deadReasonTitle(reason), many, search: { ...toDeadLetterSearch(filter), reason } };
    });
}

function countsByConnector({ byConnector, filter }: Plan, { nameOf }: Connectors): readonly CountRow[] {
  return Object.entries(byConnector)
    .toSorted(([, a], [, b]) => b - a)
    .map(([connectorId, many]) =>
      // Those behind the thousandth are counted together, and are no filter.
      connectorId === OTHERS
        ? { name: "others", many }
        : { name: nameOf(connectorId), many, search: { ...toDeadLetterSearch(filter), connectorId } },
    );
}

/** toDeadLetterSearch gives the address of what a filter takes; the list knows one reason at most. */
function toDeadLetterSearch({ reason, ...filter }: DeadLetterFilter) {
  const [only, ...more] = reason ?? [];
  return { tab: "list" as const, ...filter, ...(only === undefined || more.length > 0 ? {} : { reason: only }) };
}
