/** What the addresses of the pages hold in their search params; what is not understood is left out, never an error. */
import type { Query } from "./api/request.ts";
import type { DeadLetterFilter } from "./api/shapes.ts";

/** The longest text that an address takes, characters. */
const MAX_TEXT_LENGTH = 1_000;

/** Reader gives what a member says, undefined where that cannot be used. */
type Reader = (value: unknown) => string | undefined;

/** text takes a text that is not empty. */
const text: Reader = (value) =>
  typeof value === "string" && value !== "" && value.length <= MAX_TEXT_LENGTH ? value : undefined;

/** oneOf takes one of `words`. */
function oneOf<const W extends readonly string[]>(words: W) {
  return (value: unknown): W[number] | undefined => words.find((word) => word === value);
}

type Members = Readonly<Record<string, Reader>>;
type Search<M extends Members> = { [name in keyof M]?: ReturnType<M[name]> };

/**
 * searchOf makes a reader of a whole address from its members. It is no schema of a library: the first load has this
 * file, and a library would be a tenth of it.
 */
function searchOf<M extends Members>(members: M) {
  return (search: Record<string, unknown>): Search<M> => {
    const read = Object.entries(members).map(([name, member]) => [name, member(search[name])] as const);
    return Object.fromEntries(read.filter(([, value]) => value !== undefined)) as Search<M>;
  };
}

/** auditSearch is the address of the audit. */
export const auditSearch = searchOf({ actor: text, action: text, id: text, from: text, to: text, cursor: text });

/** CHART_RANGES are how far back charts go, in minutes; an hour unless the address says otherwise. */
export const CHART_RANGES = ["15", "60", "360", "1440"] as const;

/** overviewSearch is the address of the overview. */
export const overviewSearch = searchOf({ range: oneOf(CHART_RANGES) });

/** connectorListSearch is the address of the connectors. */
export const connectorListSearch = searchOf({ cursor: text });

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
 * connectorSearch is the address of a connector's page; all but `tab` and `range` is the question that `explain`
 * answers.
 */
export const connectorSearch = searchOf({
  tab: oneOf(CONNECTOR_TABS),
  range: oneOf(CHART_RANGES),
  status: text,
  retryAfter: text,
  unanswered: oneOf(UNANSWERED),
  attempt: text,
  left: text,
});

export const STATUSES = ["queued", "sending", "delivered", "dead", "cancelled", "discarded"] as const;

export const WAITING_FOR = [
  "delay",
  "retry",
  "rate",
  "share",
  "breaker",
  "throttle",
  "token",
  "keys",
  "order",
  "pause",
] as const;

/** handoffSearch is the address of the search for handoffs. */
export const handoffSearch = searchOf({
  contactId: text,
  sharedId: text,
  idempotencyKey: text,
  connectorId: text,
  status: oneOf(STATUSES),
  waitingFor: oneOf(WAITING_FOR),
  cursor: text,
});

export const ITEM_RESULTS = ["waiting", "replayed", "delivered", "died-again", "discarded", "skipped"] as const;

export const SKIP_REASONS = [
  "gone",
  "replayed",
  "discarded",
  "changed",
  "may-have-arrived",
  "contact-ended",
  "connector-deleted",
  "cancelled",
  "run-cancelled",
  "other-version",
  "failed",
] as const;

/** runListSearch is the address of the runs. */
export const runListSearch = searchOf({ kind: oneOf(["replay", "discard"]), cursor: text });
/** runItemSearch is the address of a run's page. */
export const runItemSearch = searchOf({
  result: oneOf(ITEM_RESULTS),
  because: oneOf(SKIP_REASONS),
  cursor: text,
});

export const REASONS = ["rejected", "expired", "exhausted", "unknown", "credentials", "configuration"] as const;
export const CAUSE_STATES = ["open", "acknowledged", "ignored"] as const;
export const CAUSE_SORTS = ["count", "lastHour", "latest"] as const;

/** deadLetterSearch is the address of the dead letters, and of what is done with many of them. */
export const deadLetterSearch = searchOf({
  tab: oneOf(["causes", "list"]),
  connectorId: text,
  reason: oneOf(REASONS),
  cause: text,
  contactId: text,
  from: text,
  to: text,
  /** Only those whose signal may have arrived, or cannot have: a filter of the list, and of no plan. */
  mayHaveArrived: oneOf(["true", "false"]),
  state: oneOf(CAUSE_STATES),
  sort: oneOf(CAUSE_SORTS),
  cursor: text,
  /** How many of the list were chosen, where the filter stands for these. */
  chosen: text,
});
export type DeadLetterSearch = ReturnType<typeof deadLetterSearch>;

/** planFilterOf are the filters of an address that a plan has, too. */
export function planFilterOf({ connectorId, reason, cause, contactId, from, to }: DeadLetterSearch) {
  return { connectorId, reason, cause, contactId, from, to };
}

/** toListQuery is the filter as the list of dead letters takes it. */
export function toListQuery(search: DeadLetterSearch): Query {
  return { ...planFilterOf(search), mayHaveArrived: search.mayHaveArrived };
}

/** toPlanFilter is the filter as plans take it. */
export function toPlanFilter(search: DeadLetterSearch): DeadLetterFilter {
  const { reason, ...rest } = planFilterOf(search);
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined));
  return { ...given, ...(reason === undefined ? {} : { reason: [reason] }) };
}

/** isUnfiltered: every dead letter is meant. */
export function isUnfiltered(search: DeadLetterSearch): boolean {
  return search.mayHaveArrived === undefined && Object.keys(toPlanFilter(search)).length === 0;
}
