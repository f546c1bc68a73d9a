/** The overview in words and one table, for a person at a terminal. */
import { styleText } from "node:util";
import type { Overview, ReceivedCause } from "@baton/api";
import { DEADLINE_AT_RISK } from "@baton/domain";
import { pluralize } from "./number-format.ts";
import { formatTimeFromNow } from "./parse-and-format-instants.ts";
import { type Column, formatTable, wrap } from "./text-table.ts";

/** OverviewData is what `baton top` shows. */
export interface OverviewData {
  readonly overview: Overview;
  /** The worst that are not ignored, the most of the last hour first. */
  readonly causes: readonly ReceivedCause[];
}

/** ScreenArea is what there is room for: columns, and connectors. */
export interface ScreenArea {
  readonly width: number | undefined;
  readonly maxConnectors: number;
}

type Connector = Overview["connectors"][number];

/** describeOverview shows first a sentence, then the most urgent handoff, causes and connectors. */
export function describeOverview({ overview, causes }: OverviewData, { width, maxConnectors }: ScreenArea): string {
  const { connectors, connectorsTotal } = overview;
  const shown = connectors.slice(0, maxConnectors);
  const more =
    connectorsTotal > shown.length ? [`… and ${pluralize(connectorsTotal - shown.length, "connector")} more`] : [];
  const now = nowOf(overview);
  const urgent = describeUrgent(overview);
  const wrapped = (text: string) => wrap(text, width ?? Number.POSITIVE_INFINITY);
  return [
    wrapped(styleText("bold", formatOverviewHeadline({ overview, causes }))),
    "",
    wrapped(describeFigures(overview)),
    ...(urgent === undefined ? [] : [wrapped(urgent)]),
    ...(causes.length === 0 ? [] : ["", formatTable(causes, causeColumns(now), width)]),
    ...(shown.length === 0 ? [] : ["", formatTable(shown, connectorColumns(now), width), ...more]),
  ].join("\n");
}

/** nowOf is when admin looked, by Redis's clock: that of an operator's own machine may be off. Epoch milliseconds. */
function nowOf({ asOf }: Overview): number {
  return Date.parse(asOf);
}

/** formatOverviewHeadline says in one line who waits and what fails, or that all is well. */
export function formatOverviewHeadline({ overview, causes }: OverviewData): string {
  const { handoffs, deadLetters, workers, paused, pausedSince, pausedUntil, redisFull, connectorsTotal } = overview;
  if (connectorsTotal === 0 && !redisFull) return "There is no connector yet: `baton connectors create` makes one.";
  const now = nowOf(overview);
  const stopped = overview.connectors.filter((connector) => describeTrouble(connector, now) !== undefined);
  const [first] = stopped;
  // Causes are another answer, and may have more by then.
  const worst = Math.min(causes[0]?.lastHour ?? 0, deadLetters.lastHour);
  const parts = [
    redisFull ? "Redis is full: new handoffs may be refused" : undefined,
    paused ? `Everything is paused${describeSpan(now, pausedSince, pausedUntil)}` : undefined,
    workers === 0 ? "No worker runs" : undefined,
    first &&
      `${first.name}: ${describeTrouble(first, now)}${stopped.length > 1 ? ` (and ${stopped.length - 1} more)` : ""}`,
    describeLate(overview),
    handoffs.willMiss > 0
      ? `${handoffs.willMiss} of ${pluralize(handoffs.queued, "waiting caller")} will miss their deadline`
      : undefined,
    deadLetters.lastHour > 0
      ? `${pluralize(deadLetters.lastHour, "dead letter")} in the last hour${worst > 0 ? `, ${worst} of one cause` : ""}`
      : undefined,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? "All is well." : `${parts.join(" · ")}.`;
}

/** describeLate says whose handoffs wait too long, and of the most urgent one what it waits for. */
function describeLate({ connectors, handoffs: { mostUrgent } }: Overview): string | undefined {
  const isFirst = ({ id }: Connector) => id === mostUrgent?.connectorId;
  const late = connectors
    .filter(({ queued, deadlineUsed }) => queued > 0 && deadlineUsed > DEADLINE_AT_RISK)
    .toSorted((a, b) => Number(isFirst(b)) - Number(isFirst(a)) || b.deadlineUsed - a.deadlineUsed);
  const [worst] = late;
  if (worst === undefined) return undefined;
  // The overview says only of the first of all what it waits for.
  const waitingFor = isFirst(worst) ? (mostUrgent?.waitingFor ?? "a worker") : undefined;
  const waits = waitingFor === undefined ? "" : ` and waits for ${waitingFor}`;
  const more = late.length > 1 ? ` (and ${pluralize(late.length - 1, "more connector")})` : "";
  const used = `the most urgent one has used ${formatPercent(worst.deadlineUsed)} of its time`;
  return `Handoffs of ${worst.name} wait too long: ${used}${waits}${more}`;
}

function describeFigures({ handoffs, deadLetters, workers, runs }: Overview): string {
  const { queued, due, sending, oldestQueuedMs } = handoffs;
  const oldest = oldestQueuedMs === null ? "" : ` (the oldest for ${formatSeconds(oldestQueuedMs)})`;
  const active = runs.running + runs.paused;
  return [
    `${queued} queued${oldest}, ${due} due, ${sending} sending`,
    `${pluralize(deadLetters.total, "dead letter")}`,
    `${pluralize(workers, "worker")}`,
    ...(active > 0 ? [`${pluralize(active, "run")}, ${runs.paused} paused`] : []),
  ].join(" · ");
}

const BAR_WIDTH = 20;

/** describeUrgent draws how much of the most urgent handoff's time is over. */
function describeUrgent(overview: Overview): string | undefined {
  const {
    handoffs: { mostUrgent },
    connectors,
  } = overview;
  if (mostUrgent === undefined) return undefined;
  const { id, connectorId, deadlineAt, waitingFor } = mostUrgent;
  const connector = connectors.find((each) => each.id === connectorId);
  const used = connector?.deadlineUsed ?? 0;
  const full = Math.round(used * BAR_WIDTH);
  const bar = `${"█".repeat(full)}${"░".repeat(BAR_WIDTH - full)}`;
  const waits = waitingFor === undefined ? "" : `, waits for ${waitingFor}`;
  return `most urgent ${bar} ${formatPercent(used)}  ${id} of ${connector?.name ?? connectorId}, deadline ${formatTimeFromNow(deadlineAt, nowOf(overview))}${waits}`;
}

/** describeTrouble says what keeps a connector from sending; undefined where nothing does. */
function describeTrouble(connector: Connector, now: number): string | undefined {
  if (connector.paused) return `paused${describeSpan(now, connector.pausedSince, connector.pausedUntil)}`;
  // What waits for a key probes no breaker, so that one would stay open whatever CXone does.
  const troubles = [describeMissingKey(connector), describeGate(connector, now)].filter((each) => each !== undefined);
  return troubles.length === 0 ? undefined : troubles.join("; ");
}

function describeMissingKey({ waitingFor: { keys = 0 } }: Connector): string | undefined {
  return keys === 0 ? undefined : `${pluralize(keys, "handoff")} sealed under a key that workers lack`;
}

/** describeGate says whether CXone's faults or wishes hold a connector's handoffs. */
function describeGate(connector: Connector, now: number): string | undefined {
  const { breaker, heldUntil } = connector;
  if (isBreakerUntried(connector))
    return `breaker open${describeSpan(now, connector.breakerSince)}, no handoff to try CXone with`;
  if (breaker !== "closed")
    return `breaker ${breaker}${describeSpan(now, connector.breakerSince)}${describeNextProbe(now, connector.nextProbeAt)}`;
  return heldUntil === undefined ? undefined : `throttled by CXone${describeSpan(now, connector.heldSince, heldUntil)}`;
}

/** isBreakerUntried: a probe is allowed, and there is no handoff that could be one. */
export function isBreakerUntried({ breaker, queued, sending }: Connector): boolean {
  return breaker === "probing" && queued === 0 && sending === 0;
}

function describeNextProbe(now: number, at: string | undefined): string {
  return at === undefined ? "" : `, next probe ${formatTimeFromNow(at, now)}`;
}

/** describeSpan says for how long something has been so, and when it ends by itself, as far as that is known. */
function describeSpan(now: number, since: string | undefined, until?: string): string {
  const begun = since === undefined ? "" : ` for ${formatAge(since, now)}`;
  return until === undefined ? begun : `${begun}, ends ${formatTimeFromNow(until, now)}`;
}

/** formatAge says how long ago it was, and 1 s at the least: it may have begun since admin looked. */
function formatAge(at: string, now: number): string {
  return formatTimeFromNow(at, Math.max(now, Date.parse(at) + 1_000)).replace(/ ago$/, "");
}

const connectorColumns = (now: number): readonly Column<Connector>[] => [
  { title: "CONNECTOR", text: ({ name }) => name, flexible: "cut" },
  { title: "QUEUED", text: ({ queued }) => String(queued), align: "right" },
  { title: "DUE", text: ({ due }) => String(due), align: "right" },
  { title: "SENDING", text: ({ sending }) => String(sending), align: "right" },
  {
    title: "DEADLINE",
    text: ({ queued, deadlineUsed }) => (queued === 0 ? "" : formatPercent(deadlineUsed)),
    align: "right",
  },
  { title: "MISS", text: ({ willMiss }) => (willMiss === 0 ? "" : styleText("red", String(willMiss))), align: "right" },
  { title: "DEAD", text: ({ deadLetters }) => String(deadLetters), align: "right" },
  { title: "LAST HOUR", text: ({ deliveredLastHour }) => String(deliveredLastHour), align: "right" },
  { title: "P50", text: ({ p50Ms }) => formatMilliseconds(p50Ms), align: "right" },
  { title: "P99", text: ({ p99Ms }) => formatMilliseconds(p99Ms), align: "right" },
  { title: "STATE", text: (connector) => paintConnectorState(connector, now), flexible: "cut" },
];

const causeColumns = (now: number): readonly Column<ReceivedCause>[] => [
  { title: "DEAD", text: ({ count }) => String(count), align: "right" },
  { title: "LAST HOUR", text: ({ lastHour }) => String(lastHour), align: "right" },
  { title: "REASON", text: ({ reason }) => reason },
  {
    title: "DETAIL",
    text: ({ httpStatus, detail }) => [httpStatus, detail].filter(Boolean).join(" "),
    flexible: "cut",
  },
  { title: "LAST", text: ({ lastAt }) => formatTimeFromNow(lastAt, now) },
  { title: "STATE", text: ({ state }) => state },
  { title: "CAUSE", text: ({ cause }) => cause },
];

function paintConnectorState(connector: Connector, now: number): string {
  const trouble = describeTrouble(connector, now);
  return trouble === undefined ? "sends" : styleText("yellow", trouble);
}

function formatPercent(part: number): string {
  return `${Math.round(100 * part)} %`;
}

function formatMilliseconds(value: number | null): string {
  return value === null ? "" : `${Math.round(value)} ms`;
}

function formatSeconds(ms: number): string {
  return ms < 10_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 1_000)} s`;
}
