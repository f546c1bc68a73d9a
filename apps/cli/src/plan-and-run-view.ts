/** Plans and runs in words, for a person at a terminal. */
import type { PlanJson, RunItemJson, RunJson } from "@baton/api";
import type { ConnectorNameOf } from "./find-connector.ts";
import { formatCount, formatDuration, pluralize } from "./number-format.ts";
import { formatInstantWithDistance, formatTimeFromNow } from "./parse-and-format-instants.ts";
import { type Column, formatFields } from "./text-table.ts";

/** Said of a run: what it does, and what it did. */
export const RUN_VERBS = {
  replay: { does: "Replay", did: "replayed" },
  discard: { does: "Discard", did: "discarded" },
} as const;

/** describeRunPlan shows what a run would take, the age first: the caller of an old one has usually gone. */
export function describeRunPlan(plan: PlanJson, nameOf: ConnectorNameOf): string {
  const { kind, planId, matched, taken, mayHaveArrived, includeUnknown, skipEndedContacts, estimateMs } = plan;
  return formatFields({
    plan: `${planId}, until ${formatInstantWithDistance(plan.expiresAt)}`,
    [RUN_VERBS[kind].does.toLowerCase()]: `${formatCount(taken)} of ${pluralize(matched, "dead letter")} that match`,
    age: describeAges(plan),
    reasons: formatCountsByName(plan.byReason),
    connectors: formatCountsByName(
      Object.fromEntries(Object.entries(plan.byConnector).map(([id, n]) => [nameOf(id), n])),
    ),
    "may have arrived":
      mayHaveArrived === 0
        ? undefined
        : `${formatCount(mayHaveArrived)}, ${includeUnknown ? "taken too: possibly twice" : "left out"}`,
    "connector deleted":
      plan.connectorDeleted === undefined ? undefined : `${formatCount(plan.connectorDeleted)}, left out: discard them`,
    "ended contacts": skipEndedContacts ? "left out, as far as CXone says" : undefined,
    takes: `about ${formatDuration(estimateMs)}`,
    "such as": plan.sample.map(({ id }) => id).join(" ") || undefined,
  });
}

function describeAges({ olderThan, matched }: PlanJson): string | undefined {
  if (matched === 0) return undefined;
  const old = olderThan.filter((age) => age.count > 0);
  if (old.length === 0) return "all died within the last minute";
  return old.map((age) => `${formatCount(age.count)} died over ${formatDuration(age.ms)} ago`).join(", ");
}

/** describeRun shows how far a run came. */
export function describeRun(run: RunJson): string {
  return formatFields({
    run: run.id,
    status: describeRunStatus(run),
    done: formatProcessedOfMatched(run),
    delivered: run.kind === "replay" ? formatCount(run.delivered) : undefined,
    "died again": run.kind === "replay" ? formatCount(run.diedAgain) : undefined,
    outstanding: run.outstanding > 0 ? formatCount(run.outstanding) : undefined,
    skipped: run.skipped > 0 ? `${formatCount(run.skipped)} (${formatCountsByName(run.skippedBecause)})` : undefined,
    rate: `${run.ratePerSecond} a second`,
    filter: describeFilter(run),
    note: run.note,
    started: `${formatInstantWithDistance(run.createdAt)} by ${run.createdBy}`,
    ended: run.endedAt && formatInstantWithDistance(run.endedAt),
  });
}

/**
 * countProcessedRunItems is how many items a run is through with, skipped ones too, but for what a cancelled run did
 * not take.
 */
export function countProcessedRunItems({ replayed, discarded, skipped, skippedBecause }: RunJson): number {
  return replayed + discarded + skipped - (skippedBecause["run-cancelled"] ?? 0);
}

/** countEndedRunItems is how many of them have ended. */
export function countEndedRunItems(run: RunJson): number {
  return countProcessedRunItems(run) - run.outstanding;
}

const OBSTACLES: Readonly<Record<NonNullable<RunJson["waitingBecause"]>, string>> = {
  "no-worker": "no worker runs",
  "everything-paused": "everything is paused",
  "connectors-paused": "each connector with dead letters left is paused",
};

/** describeRunStatus says also why it is paused, or does not go on. */
export function describeRunStatus({ status, pausedBecause, waitingBecause, first, diedAgain }: RunJson): string {
  if (waitingBecause !== undefined) return `${status}, but waits: ${OBSTACLES[waitingBecause]}`;
  if (pausedBecause === undefined) return status;
  switch (pausedBecause) {
    case "first":
      return `paused: the first ${first ?? ""} have ended; look at them, then resume`;
    case "dying":
      return `paused by itself: too many of the last 50 died again (${formatCount(diedAgain)} so far)`;
    case "operator":
      return "paused by an operator";
  }
}

function formatProcessedOfMatched(run: RunJson): string {
  return `${formatCount(countProcessedRunItems(run))} of ${formatCount(run.matched)}`;
}

function describeFilter({ filter, includeUnknown, skipEndedContacts }: RunJson): string {
  const given = Object.entries(filter).map(
    ([name, value]) => `${name} ${Array.isArray(value) ? value.join(",") : value}`,
  );
  return [
    given.length === 0 ? "all dead letters" : given.join(", "),
    ...(includeUnknown ? ["also what may have arrived"] : []),
    ...(skipEndedContacts ? ["without ended contacts"] : []),
  ].join("; ");
}

export const RUN_COLUMNS: readonly Column<RunJson>[] = [
  { title: "RUN", text: ({ id }) => id },
  {
    title: "STATUS",
    text: ({ status, pausedBecause, waitingBecause }) => {
      const why = pausedBecause ?? waitingBecause;
      return why === undefined ? status : `${status} (${why})`;
    },
  },
  { title: "DONE", text: formatProcessedOfMatched, align: "right" },
  { title: "DELIVERED", text: ({ delivered }) => formatCount(delivered), align: "right" },
  { title: "DIED AGAIN", text: ({ diedAgain }) => formatCount(diedAgain), align: "right" },
  { title: "SKIPPED", text: ({ skipped }) => formatCount(skipped), align: "right" },
  { title: "STARTED", text: ({ createdAt }) => formatTimeFromNow(createdAt) },
  { title: "BY", text: ({ createdBy }) => createdBy, flexible: "cut" },
  { title: "NOTE", text: ({ note }) => note, flexible: "cut" },
];

export const RUN_ITEM_COLUMNS: readonly Column<RunItemJson>[] = [
  { title: "HANDOFF", text: ({ handoffId }) => handoffId },
  { title: "RESULT", text: ({ result }) => result },
  { title: "BECAUSE", text: ({ because }) => because ?? "" },
  { title: "WHEN", text: ({ at }) => formatTimeFromNow(at) },
];

function formatCountsByName(counts: Readonly<Record<string, number | undefined>>): string {
  return Object.entries(counts)
    .map(([name, number]) => `${formatCount(number ?? 0)} ${name}`)
    .join(", ");
}
