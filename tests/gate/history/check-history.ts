/**
 * Checking a history: what Baton promises of the order, the rate and the time of what it sends. Values in, violations
 * in words out.
 */
import type { HandoffJson } from "@baton/api";
import { excessOver, type RatePeriod } from "@baton/chaos/rate-ceiling";
import { overlapping } from "../../world/gate.ts";
import type { Asked, History, Span } from "./history.ts";

/** The simulator, Redis and Baton each cut their clock to whole milliseconds. */
const CLOCK_MS = 2;
/**
 * What leaves may arrive closer together than it left: by what two busy cores hold a process up that has just started.
 * Milliseconds.
 */
const TRANSIT_MS = 500;
/** The end of a connection may be noticed so much later than the next request on another one. Milliseconds. */
const CLOSE_MS = 20;
/** What falls due so much later than another cannot have been claimed before it. Milliseconds. */
const TIE_MS = 250;
/**
 * With an open gate, time left and no other being sent, it begins within so long, its back-off over. Milliseconds.
 */
const IDLE_MS = 2_500;
/**
 * None begins when so little is left of its deadline: it was refused at acceptance, or its slot came too late.
 * Milliseconds.
 */
const LEFT_MS = 250;

/** Known is an accepted handoff with what is derived from it. */
interface Known extends Asked {
  readonly handoff: HandoffJson;
  readonly dueAt: number;
  readonly deadlineAt: number;
  readonly endedAt: number;
  /** Its requests as they arrived, and its attempts as Baton shows them; those that had no token are none. */
  readonly arrivals: readonly number[];
  readonly effects: number;
  readonly begunAt: readonly number[];
}

/** checkHistory gives everything that is wrong with a history; nothing where Baton kept its word. */
export function checkHistory(history: History): readonly string[] {
  const known = history.asked.flatMap((asked) => knownOf(asked, history));
  return [
    ...overRate(history, known),
    ...overlapping(history.signals, CLOSE_MS + history.lateMs).map((what) => `two at once: ${what}`),
    ...outOfOrder(known),
    ...notEnded(history.asked),
    ...lostOrDoubled(history, known),
    ...refusedAndSent(history),
    ...overtaken(history, known),
    ...known
      .filter((one) => isStranded(one, known, history))
      .map((one) => `expired though it could go: ${describe(one)}`),
  ];
}

function knownOf(asked: Asked, { signals }: History): readonly Known[] {
  const { handoff, delayMs, name } = asked;
  if (handoff === undefined) return [];
  const own = signals.filter(({ params, status }) => params.p1 === name && status !== 401);
  const deadlineAt = Date.parse(handoff.deadlineAt);
  return [
    {
      ...asked,
      handoff,
      dueAt: Date.parse(handoff.acceptedAt) + delayMs,
      deadlineAt,
      // A handoff past its deadline is dead at once, whenever that is written down.
      endedAt: Math.min(
        handoff.endedAt === undefined ? Number.POSITIVE_INFINITY : Date.parse(handoff.endedAt),
        deadlineAt,
      ),
      arrivals: own.map(({ at }) => at),
      effects: own.filter(({ effect }) => effect).length,
      begunAt: handoff.attempts.map(({ startedAt }) => Date.parse(startedAt)),
    },
  ];
}

/**
 * overRate looks at every window of any length: of what arrived, with what the way may have done to it, and of what
 * Baton says it began.
 */
function overRate({ rates, lateMs }: History, known: readonly Known[]): readonly string[] {
  const begun = excessOver(
    known.flatMap(({ begunAt }) => begunAt),
    rates,
    CLOCK_MS,
  );
  const arrived = excessOver(
    known.flatMap(({ arrivals }) => arrivals),
    rates,
    TRANSIT_MS + lateMs,
  );
  return Object.entries({ begun, arrived }).flatMap(([what, excess]) =>
    excess === undefined ? [] : [`over the rate, ${what}: ${JSON.stringify(excess)}`],
  );
}

/**
 * outOfOrder looks at each two of one contact: the one that falls due later goes after all attempts of the other, or
 * after its end.
 */
function outOfOrder(known: readonly Known[]): readonly string[] {
  return [...Map.groupBy(known, ({ contactId }) => contactId).values()].flatMap((line) =>
    line.flatMap((later) =>
      line
        .filter((earlier) => earlier.dueAt + CLOCK_MS < later.dueAt && wentBefore(later, earlier))
        .map((earlier) => `out of order: ${describe(later)} before ${describe(earlier)}`),
    ),
  );
}

function wentBefore({ arrivals: [first = Number.POSITIVE_INFINITY] }: Known, earlier: Known): boolean {
  return earlier.arrivals.some((at) => at > first) || first + CLOCK_MS < earlier.endedAt;
}

function notEnded(asked: readonly Asked[]): readonly string[] {
  return asked
    .filter(({ handoff }) => handoff !== undefined && handoff.endedAt === undefined)
    .map(({ name, handoff }) => `never ended: ${name}, ${handoff?.status} ${handoff?.waitingFor}`);
}

function lostOrDoubled({ guarantee }: History, known: readonly Known[]): readonly string[] {
  return known.flatMap((one) => {
    const { status, reason, possibleDuplicate } = one.handoff;
    return [
      ...(status === "delivered" && one.effects === 0 ? [`delivered without effect: ${describe(one)}`] : []),
      ...(status === "cancelled" && one.effects > 0 && one.handoff.attempts.length === 0
        ? [`sent though cancelled: ${describe(one)}`]
        : []),
      ...(one.effects > 1 && !possibleDuplicate ? [`sent twice, without possibleDuplicate: ${describe(one)}`] : []),
      ...(one.effects > 1 && guarantee === "at-most-once" ? [`sent twice at at-most-once: ${describe(one)}`] : []),
      ...(reason === "credentials" || reason === "configuration" ? [`dead for no reason: ${describe(one)}`] : []),
    ];
  });
}

function refusedAndSent({ asked, signals }: History): readonly string[] {
  const refused = new Set(asked.filter(({ handoff }) => handoff === undefined).map(({ name }) => name));
  return signals
    .filter(({ params }) => refused.has(params.p1 ?? ""))
    .map(({ params }) => `sent though refused: ${params.p1}`);
}

/**
 * overtaken looks at first attempts of one connector: none begins before another that fell due earlier and was free
 * to go, first of its contact's queue. Left out is what a killed worker may have had.
 */
function overtaken({ kills, lateMs }: History, known: readonly Known[]): readonly string[] {
  const tieMs = TIE_MS + lateMs;
  return known.flatMap((waiting) => {
    const freeAt = Math.max(waiting.dueAt, clearAt(waiting, known)) + tieMs;
    const untilAt = Math.min(waiting.begunAt[0] ?? Number.POSITIVE_INFINITY, waiting.endedAt - LEFT_MS);
    return known
      .filter(
        ({ dueAt, begunAt: [first] }) =>
          first !== undefined && dueAt > waiting.dueAt + tieMs && first > freeAt && first < untilAt,
      )
      .filter(({ begunAt: [first = 0] }) => !touches({ from: waiting.dueAt, until: first }, kills))
      .map((other) => `overtaken: ${describe(waiting)} by ${describe(other)}`);
  });
}

/**
 * isStranded knows an expired one that had a stretch of time in which its gate was open, its contact's queue clear, and
 * none of its connector was sent.
 */
function isStranded(one: Known, known: readonly Known[], { rates, troubles, kills }: History): boolean {
  const { status, reason } = one.handoff;
  if (status !== "dead" || reason !== "expired") return false;
  // One that failed is ended early where its next attempt would come too late.
  if (
    one.begunAt.length > 0 &&
    one.handoff.endedAt !== undefined &&
    Date.parse(one.handoff.endedAt) < one.deadlineAt - LEFT_MS
  )
    return false;
  const from = Math.max(one.dueAt, clearAt(one, known), ...one.begunAt);
  const until = one.deadlineAt - LEFT_MS;
  const sent = known
    .flatMap(({ arrivals, begunAt }) => [...arrivals, ...begunAt])
    .filter((at) => at > from && at < until);
  const edges = [from, ...sent.toSorted((a, b) => a - b), until];
  return edges.slice(1).some((end, index) => {
    const begin = edges[index] ?? end;
    const quiet = { from: begin, until: end };
    return longestUntroubled(quiet, [...troubles, ...kills]) > IDLE_MS + 2 * slotMs(rates, quiet);
  });
}

/** clearAt is when the last of those before it in its contact's queue had ended. */
function clearAt(one: Known, known: readonly Known[]): number {
  const before = known.filter(
    (other) => other !== one && other.contactId === one.contactId && other.dueAt <= one.dueAt + CLOCK_MS,
  );
  return Math.max(0, ...before.map(({ endedAt }) => endedAt));
}

/** slotMs is the time from one slot of the rate to the next, the longest in a span. */
function slotMs(rates: readonly RatePeriod[], { from, until }: Span): number {
  const inForce = rates.filter(
    ({ from: begins }, index) => begins <= until && (rates[index + 1]?.from ?? Number.POSITIVE_INFINITY) > from,
  );
  return Math.max(0, ...inForce.map(({ rate }) => (rate === null ? 5 : 1_000 / rate.perSecond)));
}

/** longestUntroubled is the longest part of a span that touches no trouble. Milliseconds. */
function longestUntroubled(span: Span, troubles: readonly Span[]): number {
  let longest = 0;
  let from = span.from;
  for (const trouble of troubles.toSorted((one, other) => one.from - other.from)) {
    if (trouble.from >= span.until) break;
    longest = Math.max(longest, trouble.from - from);
    from = Math.max(from, trouble.until);
  }
  return Math.max(longest, span.until - from);
}

function touches({ from, until }: Span, spans: readonly Span[]): boolean {
  return spans.some((span) => span.from <= until && span.until >= from);
}

function describe({
  name,
  contactId,
  dueAt,
  deadlineAt,
  begunAt,
  arrivals,
  handoff: { id, status, reason },
}: Known): string {
  const from = (at: number) => at - dueAt;
  return `${name} ${id} (${contactId}, ${reason ?? status}, due ${dueAt}, deadline +${from(deadlineAt)}, began ${begunAt.map(from)}, arrived ${arrivals.map(from)})`;
}
