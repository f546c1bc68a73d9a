/** The sentence on top of the overview: what is wrong, for whom, since when, who waits, and what has died. */
import { DEADLINE_AT_RISK } from "@baton/domain";
import type { Cause, ConnectorFigures, DeadReason, ListPage, Overview, RunKind } from "../api/answer-types.ts";
import { describeWaitingReason } from "../handoff/waiting-reason.ts";
import {
  formatCount,
  formatDurationInWholeSeconds,
  formatList,
  formatSinceClause,
  formatTimeOfDay,
  formatUntilClause,
  pluralize,
} from "../ui/format-numbers-and-times.ts";
import type { TextOrLink } from "../ui/text-or-link.ts";

/** Headline is the sentence, and whether an operator must act. */
export interface Headline {
  /** `plain` as long as it is not known. */
  readonly tone: "good" | "plain" | "warn" | "bad";
  readonly parts: readonly TextOrLink[];
}

/** CausesReadState is what is known of the causes of dead letters; where they could not be read, those read last. */
export type CausesReadState =
  | { readonly kind: "read"; readonly items: readonly Cause[] }
  | { readonly kind: "awaited"; readonly items: readonly [] }
  | { readonly kind: "failed"; readonly items: readonly Cause[] };

interface CausesAnswer {
  readonly data: ListPage<Cause> | undefined;
  /** Null where the last request was answered, or is the first. */
  readonly error: unknown;
}

/** causesReadStateOfQuery tells an answer without causes from an answer that is not there. */
export function causesReadStateOfQuery({ data, error }: CausesAnswer): CausesReadState {
  if (error !== null) return { kind: "failed", items: data?.items ?? [] };
  return data === undefined ? { kind: "awaited", items: [] } : { kind: "read", items: data.items };
}

/** buildOverviewHeadline puts the worst first; `now` is epoch milliseconds. */
export function buildOverviewHeadline(overview: Overview, causes: CausesReadState, now: number): Headline {
  const stop = [...fullRedisParts(overview), ...stoppedParts(overview, now)];
  const troubles = [...connectorTroubles(overview.connectors, now), ...causeTroubles(overview, causes.items, now)];
  const late = lateHandoffParts(overview);
  const isLate = late.length > 0 || overview.handoffs.willMiss > 0;
  const untried = untriedBreakerParts(overview.connectors, now);
  const isBad = stop.length > 0 || troubles.length > 0 || untried.length > 0 || isLate;
  const ends = [...deadLetterParts(overview, causes.items), ...unreadParts(causes), ...runParts(overview)];
  if (!isBad && causes.kind === "read") return wellHeadline(overview);
  if (!isBad) {
    const parts = [{ text: "No handoff waits too long" }, ...ends];
    return { tone: causes.kind === "failed" ? "warn" : "plain", parts };
  }
  const worst = [...stop, ...troubles.slice(0, 2), ...late];
  const parts = [...worst, ...waitingCallerParts(overview, now), ...untried, ...ends];
  return { tone: isLate || troubles.length > 0 || overview.redisFull ? "bad" : "warn", parts };
}

function fullRedisParts({ redisFull }: Overview): readonly TextOrLink[] {
  return redisFull ? [{ text: "Redis is full: new handoffs may be refused" }] : [];
}

function stoppedParts({ paused, pausedSince, pausedUntil, workers }: Overview, now: number): readonly TextOrLink[] {
  if (paused) {
    const until = pausedUntil === undefined ? "" : ` until ${formatClock(pausedUntil, now)}`;
    const span = `${formatSinceClause(pausedSince, now)}${until}`;
    return [{ text: `Everything is paused${span}: handoffs are accepted, none is sent` }];
  }
  return workers === 0 ? [{ text: "No worker runs: handoffs are accepted, none is sent" }] : [];
}

function connectorTroubles(connectors: readonly ConnectorFigures[], now: number): readonly TextOrLink[] {
  const open = connectors.filter((connector) => connector.breaker !== "closed" && !isUntried(connector));
  const held = connectors.filter(({ heldUntil, breaker }) => heldUntil !== undefined && breaker === "closed");
  const paused = connectors.filter((connector) => connector.paused);
  const withoutKey = connectors.filter(isWaitingForSealingKey);
  const parts: TextOrLink[] = [];
  if (withoutKey.length > 0)
    parts.push({
      text: `Workers lack the key that sealed handoffs of ${connectorNames(withoutKey)}`,
      to: "/connectors",
    });
  if (open.length > 0)
    parts.push({
      text: `CXone fails for ${connectorNames(open)}${formatSinceClause(open[0]?.breakerSince, now)}`,
      to: "/connectors",
    });
  const [first] = held;
  if (first?.heldUntil !== undefined) {
    const span = `${formatSinceClause(first.heldSince, now)}${formatUntilClause(first.heldUntil, now)}`;
    parts.push({ text: `CXone throttles ${connectorNames(held)}${span}`, to: "/connectors" });
  }
  if (paused.length > 0) {
    const verb = paused.length === 1 ? "is" : "are";
    const since = formatSinceClause(paused[0]?.pausedSince, now);
    parts.push({ text: `${connectorNames(paused)} ${verb} paused${since}`, to: "/connectors" });
  }
  return parts;
}

/** isUntried: the breaker has been open for long enough, and there is no handoff that could probe. */
function isUntried({ breaker, queued, sending }: ConnectorFigures): boolean {
  return breaker === "probing" && queued === 0 && sending === 0;
}

/** Whose CXone failed last, as far as is known: their breakers close with the next handoff that CXone takes. */
function untriedBreakerParts(connectors: readonly ConnectorFigures[], now: number): readonly TextOrLink[] {
  const untried = connectors.filter(isUntried);
  if (untried.length === 0) return [];
  const since = formatSinceClause(untried[0]?.breakerSince, now);
  const text = `CXone has failed for ${connectorNames(untried)}${since}, and no handoff is there to try it again`;
  return [{ text, to: "/connectors" }];
}

/** isWaitingForSealingKey says whether handoffs of a connector wait for a worker that has the key which sealed them. */
export function isWaitingForSealingKey({ waitingFor }: Pick<ConnectorFigures, "waitingFor">): boolean {
  return (waitingFor.keys ?? 0) > 0;
}

/** Whose handoffs wait too long: how much of its time the most urgent one has used, and what it waits for. */
function lateHandoffParts({ connectors, handoffs: { mostUrgent } }: Overview): readonly TextOrLink[] {
  const isFirst = ({ id }: ConnectorFigures) => id === mostUrgent?.connectorId;
  const late = connectors
    .filter(({ queued, deadlineUsed }) => queued > 0 && deadlineUsed > DEADLINE_AT_RISK)
    .toSorted((a, b) => Number(isFirst(b)) - Number(isFirst(a)) || b.deadlineUsed - a.deadlineUsed);
  const [worst] = late;
  if (worst === undefined) return [];
  const whose = `Handoffs of ${connectorNames(late)} wait too long`;
  const one = late.length === 1 ? "the most urgent one" : `the most urgent one of ${worst.name}`;
  // The overview says only of the first of all what it waits for.
  const waits = isFirst(worst) ? describeWaitingReason(mostUrgent?.waitingFor) : undefined;
  const used = `has used ${Math.round(100 * worst.deadlineUsed)} % of its time`;
  const text = `${whose}: ${one} ${used}${waits === undefined ? "" : ` and ${waits}`}`;
  const spoken = waits === undefined ? whose : `${whose}: ${one} ${waits}`;
  if (late.length > 1) return [{ text, spoken, to: "/connectors" }];
  return [{ text, spoken, to: "/handoffs", search: { connectorId: worst.id, status: "queued" } }];
}

/** What died in the last hour and is not acknowledged, the most frequent first; causes alike in words are one part. */
function causeTroubles(overview: Overview, causes: readonly Cause[], now: number): readonly TextOrLink[] {
  const nameOf = new Map(overview.connectors.map(({ id, name }) => [id, name]));
  const describeTrouble = ({ reason, connectors }: Cause) =>
    TROUBLE_WORDS[reason](formatList(firstNames(connectors.map((id) => nameOf.get(id) ?? id))));
  const open = causes.filter(({ state, lastHour }) => state === "open" && lastHour > 0);
  return [...Map.groupBy(open, describeTrouble)]
    .toSorted(([, a], [, b]) => lastHourOf(b) - lastHourOf(a))
    .map(([words, alike]) => {
      const [since] = alike.map(({ firstAt }) => firstAt).toSorted();
      return { text: `${words}${formatSinceClause(since, now)}`, to: "/dead-letters", search: causesSearch(alike) };
    });
}

function lastHourOf(causes: readonly Cause[]): number {
  return causes.reduce((sum, { lastHour }) => sum + lastHour, 0);
}

/** causesSearch leads to the dead letters of one cause, or of several that have their reason in common. */
function causesSearch([first, ...others]: readonly Cause[]): Readonly<Record<string, string>> {
  if (first === undefined || others.length === 0) return { tab: "list", cause: first?.cause ?? "" };
  const [connectorId, ...more] = new Set([first, ...others].flatMap(({ connectors }) => connectors));
  const one = connectorId === undefined || more.length > 0 ? {} : { connectorId };
  return { tab: "list", reason: first.reason, ...one };
}

const TROUBLE_WORDS: Readonly<Record<DeadReason, (whose: string) => string>> = {
  credentials: (whose) => `CXone refuses ${whose}'s keys`,
  configuration: (whose) => `${whose}'s settings lead to no CXone API`,
  rejected: (whose) => `CXone rejects signals of ${whose}`,
  expired: (whose) => `Handoffs of ${whose} miss their deadline`,
  exhausted: (whose) => `Handoffs of ${whose} use up their attempts`,
  unknown: (whose) => `CXone gives ${whose} no trustworthy answer`,
};

/** Who waits, as the list that it leads to counts: those that are being sent are not among them. */
function waitingCallerParts({ handoffs, connectors }: Overview, now: number): readonly TextOrLink[] {
  const { queued, willMiss, mostUrgent } = handoffs;
  if (queued === 0) return [];
  const parts: TextOrLink[] = [
    {
      text: `${pluralize(queued, "caller")} ${queued === 1 ? "waits" : "wait"}`,
      to: "/handoffs",
      search: { status: "queued" },
    },
  ];
  if (willMiss > 0) {
    const left = mostUrgent === undefined ? undefined : Date.parse(mostUrgent.deadlineAt) - now;
    const first = left === undefined || left < 0 ? "" : `, the first in ${formatDurationInWholeSeconds(left)}`;
    const spoken = `${formatCount(willMiss)} will miss ${willMiss === 1 ? "its" : "their"} deadline`;
    parts.push({
      text: `${spoken}${first}`,
      spoken,
      to: "/handoffs",
      search: missedDeadlinesSearch(connectors, willMiss),
    });
  }
  return parts;
}

/**
 * missedDeadlinesSearch leads to the queue in which those are that will miss: their connector's, where all are of one.
 */
function missedDeadlinesSearch(
  connectors: readonly ConnectorFigures[],
  willMiss: number,
): NonNullable<TextOrLink["search"]> {
  const only = connectors.find((connector) => connector.willMiss === willMiss);
  return { ...(only === undefined ? {} : { connectorId: only.id }), status: "queued" };
}

function deadLetterParts({ deadLetters: { total } }: Overview, causes: readonly Cause[]): readonly TextOrLink[] {
  if (total === 0) return [];
  const most = causes.reduce<Cause | undefined>((a, b) => (a === undefined || b.count > a.count ? b : a), undefined);
  const all: TextOrLink = { text: pluralize(total, "dead letter"), to: "/dead-letters" };
  // Causes and overview are two answers: of one cause the later one may have more than the earlier one has in all.
  if (most === undefined || most.count > total) return [all];
  if (most.count === total) return [{ ...all, text: `${all.text}${total > 1 ? ", all of one cause" : ""}` }];
  return [
    all,
    {
      text: `${formatCount(most.count)} of one cause`,
      to: "/dead-letters",
      search: { tab: "list", cause: most.cause },
    },
  ];
}

/** What the sentence does not know. */
function unreadParts({ kind }: CausesReadState): readonly TextOrLink[] {
  switch (kind) {
    case "read":
      return [];
    case "awaited":
      return [{ text: "causes of dead letters are being read" }];
    case "failed":
      return [{ text: "causes of dead letters could not be read" }];
  }
}

function wellHeadline(overview: Overview): Headline {
  return { tone: "good", parts: [...wellParts(overview), ...olderDeadLetters(overview), ...runParts(overview)] };
}

function wellParts({ connectors }: Overview): readonly TextOrLink[] {
  const delivered = connectors.reduce((sum, { deliveredLastHour }) => sum + deliveredLastHour, 0);
  return [
    { text: "All is well: no handoff waits too long" },
    delivered === 0
      ? { text: "nothing to deliver in the last hour" }
      : {
          text: `${formatCount(delivered)} delivered in the last hour`,
          to: "/handoffs",
          search: { status: "delivered" },
        },
  ];
}

function olderDeadLetters({ deadLetters: { total } }: Overview): readonly TextOrLink[] {
  return total === 0 ? [] : [{ text: `${pluralize(total, "dead letter")} left to decide on`, to: "/dead-letters" }];
}

/** Runs that have not ended: one that is paused waits for an operator. Replays and discards are two lists. */
function runParts({ runs: { paused, running, discards } }: Overview): readonly TextOrLink[] {
  const discarding = discards ?? { paused: 0, running: 0 };
  return [
    ...runPartsOfKind("replay", { paused: paused - discarding.paused, running: running - discarding.running }),
    ...runPartsOfKind("discard", discarding),
  ];
}

function runPartsOfKind(
  kind: RunKind,
  { paused, running }: Pick<Overview["runs"], "paused" | "running">,
): readonly TextOrLink[] {
  const rows = { to: "/runs", search: { kind } } as const;
  const words = (count: number) => pluralize(count, kind === "replay" ? "replay run" : "discard run");
  const parts: TextOrLink[] = [];
  if (paused > 0) parts.push({ text: `${words(paused)} ${paused === 1 ? "is" : "are"} paused`, ...rows });
  if (running > 0) parts.push({ text: `${words(running)} under way`, ...rows });
  return parts;
}

function connectorNames(connectors: readonly ConnectorFigures[]): string {
  return formatList(firstNames(connectors.map(({ name }) => name)));
}

/** At most two names, and how many more. */
function firstNames(words: readonly string[]): readonly string[] {
  return words.length <= 3 ? words : [...words.slice(0, 2), pluralize(words.length - 2, "other")];
}

function formatClock(at: string, now: number): string {
  return formatTimeOfDay(Date.parse(at), now);
}
