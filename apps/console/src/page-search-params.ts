/** What the addresses of the pages hold in their search params; what is not understood is left out, never an error. */
import { CAUSE_STATES, DEAD_REASONS, HANDOFF_STATUSES, ITEM_RESULTS, SKIP_REASONS, WAITING_FOR } from "@baton/domain";
import type { DeadLetterFilter } from "./api/answer-types.ts";
import type { QueryParams } from "./api/send-api-request.ts";

/** The longest text that an address takes, characters. */
const MAX_TEXT_LENGTH = 1_000;

/** ParamReader gives what a search param says, undefined where that cannot be used. */
type ParamReader = (value: unknown) => string | undefined;

/** readText gives a text that is not empty. */
const readText: ParamReader = (value) =>
  typeof value === "string" && value !== "" && value.length <= MAX_TEXT_LENGTH ? value : undefined;

/** createOneOfReader makes a reader that gives one of `words`. */
function createOneOfReader<const W extends readonly string[]>(words: W) {
  return (value: unknown): W[number] | undefined => words.find((word) => word === value);
}

type Members = Readonly<Record<string, ParamReader>>;
type Search<M extends Members> = { [name in keyof M]?: ReturnType<M[name]> };

/**
 * createSearchReader makes a reader of a whole address from its members. It is no schema of a library: the first load
 * has this file, and a library would be a tenth of it.
 */
function createSearchReader<M extends Members>(members: M) {
  return (search: Record<string, unknown>): Search<M> => {
    const read = Object.entries(members).map(([name, member]) => [name, member(search[name])] as const);
    return Object.fromEntries(read.filter(([, value]) => value !== undefined)) as Search<M>;
  };
}

/** readAuditSearch reads the address of the audit. */
export const readAuditSearch = createSearchReader({
  actor: readText,
  action: readText,
  id: readText,
  from: readText,
  to: readText,
  cursor: readText,
});

/** CHART_RANGES are how far back charts go, in minutes; an hour unless the address says otherwise. */
export const CHART_RANGES = ["15", "60", "360", "1440"] as const;

/** readOverviewSearch reads the address of the overview. */
export const readOverviewSearch = createSearchReader({ range: createOneOfReader(CHART_RANGES) });

/** readConnectorListSearch reads the address of the connectors. */
export const readConnectorListSearch = createSearchReader({ cursor: readText });

/** UNANSWERED are the ways in which a signal gets no answer. */
export const UNANSWERED = ["unreachable", "timeout", "reset"] as const;

/**
 * ExplainSearch is a question about an answer of CXone's. It has a status or a way to get none; without both nothing is
 * asked.
 */
export interface ExplainSearch {
  readonly status?: string | undefined;
  readonly retryAfter?: string | undefined;
  readonly unanswered?: (typeof UNANSWERED)[number] | undefined;
  readonly attempt?: string | undefined;
  /** How much is left before the deadline, in seconds; all of it unless said. */
  readonly left?: string | undefined;
}

export const CONNECTOR_TABS = ["state", "settings", "tokens", "screen-pop-keys", "test", "explain"] as const;
export type ConnectorTab = (typeof CONNECTOR_TABS)[number];

/**
 * readConnectorSearch reads the address of a connector's page; all but `tab` and `range` is the question that `explain`
 * answers.
 */
export const readConnectorSearch = createSearchReader({
  tab: createOneOfReader(CONNECTOR_TABS),
  range: createOneOfReader(CHART_RANGES),
  status: readText,
  retryAfter: readText,
  unanswered: createOneOfReader(UNANSWERED),
  attempt: readText,
  left: readText,
});

/** readHandoffSearch reads the address of the search for handoffs. */
export const readHandoffSearch = createSearchReader({
  contactId: readText,
  sharedId: readText,
  idempotencyKey: readText,
  connectorId: readText,
  status: createOneOfReader(HANDOFF_STATUSES),
  waitingFor: createOneOfReader(WAITING_FOR),
  cursor: readText,
});

/** readRunListSearch reads the address of the runs. */
export const readRunListSearch = createSearchReader({
  kind: createOneOfReader(["replay", "discard"]),
  cursor: readText,
});
/** readRunItemSearch reads the address of a run's page. */
export const readRunItemSearch = createSearchReader({
  result: createOneOfReader(ITEM_RESULTS),
  because: createOneOfReader(SKIP_REASONS),
  cursor: readText,
});

export const CAUSE_SORTS = ["count", "lastHour", "latest"] as const;

/** readDeadLetterSearch reads the address of the dead letters, and of what is done with many of them. */
export const readDeadLetterSearch = createSearchReader({
  tab: createOneOfReader(["causes", "list"]),
  connectorId: readText,
  reason: createOneOfReader(DEAD_REASONS),
  cause: readText,
  contactId: readText,
  from: readText,
  to: readText,
  /** Only those whose signal may have arrived, or cannot have: a filter of the list, and of no plan. */
  mayHaveArrived: createOneOfReader(["true", "false"]),
  state: createOneOfReader(CAUSE_STATES),
  sort: createOneOfReader(CAUSE_SORTS),
  cursor: readText,
  /** How many of the list were chosen, where the filter stands for these. */
  chosen: readText,
});
export type DeadLetterSearch = ReturnType<typeof readDeadLetterSearch>;

/** pickPlanFilterParams gives the filters of an address that a plan has, too. */
export function pickPlanFilterParams({ connectorId, reason, cause, contactId, from, to }: DeadLetterSearch) {
  return { connectorId, reason, cause, contactId, from, to };
}

/** toDeadLetterListQuery gives the filter as the list of dead letters takes it. */
export function toDeadLetterListQuery(search: DeadLetterSearch): QueryParams {
  return { ...pickPlanFilterParams(search), mayHaveArrived: search.mayHaveArrived };
}

/** toPlanFilter gives the filter as plans take it. */
export function toPlanFilter(search: DeadLetterSearch): DeadLetterFilter {
  const { reason, ...rest } = pickPlanFilterParams(search);
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return { ...given, ...(reason === undefined ? {} : { reason: [reason] }) };
}

/** isUnfiltered: every dead letter is meant. */
export function isUnfiltered(search: DeadLetterSearch): boolean {
  return search.mayHaveArrived === undefined && Object.keys(toPlanFilter(search)).length === 0;
}
