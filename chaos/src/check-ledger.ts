/** Comparing the ledgers: values in, findings out. Nothing is asked of Baton here but what it said in the end. */
import type { HandoffJson } from "@baton/api";
import type { Answer, Effect, Guarantee, Header, Incident, Ledger } from "./ledger.ts";
import { excessOver } from "./rate-ceiling.ts";

/** Findings of one run. Every list of keys is empty when Baton kept its word. */
export interface Findings {
  readonly header: Header;
  readonly accepted: number;
  readonly refused: number;
  /** Neither accepted nor refused: the connection was lost, and the sender did not come again. */
  readonly unanswered: number;
  readonly delivered: number;
  readonly deadByReason: Readonly<Record<string, number>>;
  readonly cancelled: number;
  readonly stillQueued: number;
  /** Accepted, and then neither known any more nor signalled; or called delivered though no signal took effect. */
  readonly lost: readonly string[];
  /** Accepted and signalled, but Baton does not know it any more. */
  readonly forgotten: readonly string[];
  /** Signalled though it was refused, or though its cancel was confirmed. */
  readonly effectsOfRefused: readonly string[];
  readonly effectsOfCancelled: readonly string[];
  /** Signalled twice or more, by what its connector asks for, and whether the handoff says so. */
  readonly twoEffects: {
    readonly atMostOnce: readonly string[];
    readonly flagged: readonly string[];
    readonly unflagged: readonly string[];
  };
  /** Two handoffs under one idempotency key. */
  readonly acceptedTwice: readonly string[];
  /** Arrived while another request of the same contact was open. */
  readonly overlapping: readonly string[];
  /** Signalled before one of the same contact that was accepted earlier. */
  readonly outOfOrder: readonly string[];
  /** Signalled after Baton had called the handoff ended. */
  readonly afterEnd: readonly string[];
  /**
   * Windows in which more of a connector's requests arrived, or were begun, than burst and rate allow: the worst ones,
   * in words.
   */
  readonly overRate: readonly string[];
  /** The most requests of one connector in any one second. */
  readonly busiestSecond: number;
  /** Died where none may. */
  readonly diedAllTheSame: readonly string[];
  /** The longest time between two effects, from the first to the last. */
  readonly longestGapMs: number;
  /**
   * From the end of an incident until the last handoff had ended that lived through it; the longest of all incidents.
   */
  readonly recoveredMs: number;
  /** The slowest answer to an accept, 202 or not. */
  readonly slowestAnswerMs: number;
  /** What Baton did not keep, in words; empty when all is well. */
  readonly broken: readonly string[];
}

/** The simulator and Redis each cut the machine's clock to whole milliseconds. */
const CLOCK_MS = 2;
/**
 * What leaves may arrive closer together than it left: by what busy cores hold a process up that has just started.
 * Milliseconds.
 */
const TRANSIT_MS = 750;

interface Story {
  readonly key: string;
  readonly guarantee: Guarantee;
  readonly verdict: "accepted" | "refused" | "unanswered";
  readonly cancelConfirmed: boolean;
  readonly effects: readonly Effect[];
  readonly handoffs: readonly HandoffJson[];
}

/** checkLedger puts the ledgers side by side. */
export function checkLedger(ledger: Ledger): Findings {
  const stories = storiesOf(ledger);
  const accepted = stories.filter(({ verdict }) => verdict === "accepted");
  const known = accepted.flatMap(({ handoffs }) => handoffs);
  const twice = stories.filter(({ effects }) => effects.length > 1);
  const findings = {
    header: ledger.header,
    accepted: accepted.length,
    refused: stories.filter(({ verdict }) => verdict === "refused").length,
    unanswered: stories.filter(({ verdict }) => verdict === "unanswered").length,
    delivered: known.filter(({ status }) => status === "delivered").length,
    deadByReason: countBy(known.filter(({ status }) => status === "dead").map(({ reason = "unsaid" }) => reason)),
    cancelled: known.filter(({ status }) => status === "cancelled").length,
    stillQueued: stories
      .flatMap(({ handoffs }) => handoffs)
      .filter(({ status }) => status === "queued" || status === "sending").length,
    lost: keysOf(accepted.filter(isLost)),
    forgotten: keysOf(accepted.filter(({ handoffs, effects }) => handoffs.length === 0 && effects.length > 0)),
    effectsOfRefused: keysOf(stories.filter(({ verdict, effects }) => verdict === "refused" && effects.length > 0)),
    effectsOfCancelled: keysOf(stories.filter(({ cancelConfirmed, effects }) => cancelConfirmed && effects.length > 0)),
    twoEffects: {
      atMostOnce: keysOf(twice.filter(({ guarantee }) => guarantee === "at-most-once")),
      flagged: keysOf(twice.filter((story) => story.guarantee === "at-least-once" && isFlagged(story))),
      unflagged: keysOf(twice.filter((story) => story.guarantee === "at-least-once" && !isFlagged(story))),
    },
    acceptedTwice: keysOf(stories.filter(({ handoffs }) => handoffs.length > 1)),
    overlapping: ledger.effects.filter(({ inFlightSame }) => inFlightSame > 0).map(({ key }) => key),
    outOfOrder: outOfOrder(stories, ledger.header.clockBackMs ?? 0),
    overRate: overRate(ledger),
    busiestSecond: Math.max(0, ...requestsByConnector(ledger).map(busiestSecond)),
    diedAllTheSame: ledger.header.noneDies === undefined ? [] : keysOf(accepted.filter(hasDied)),
    afterEnd: keysOf(stories.filter((story) => isSignalledAfterEnd(story, ledger.header.clockBackMs ?? 0))),
    longestGapMs: longestGap(ledger.effects.filter(({ effect }) => effect).map(({ at }) => at)),
    recoveredMs: Math.max(0, ...ledger.incidents.map((incident) => recovery(incident, known))),
    slowestAnswerMs: Math.max(
      0,
      ...ledger.answers
        .filter(({ call, answer }) => call === "accept" && typeof answer === "number")
        .map(({ tookMs }) => tookMs),
    ),
  };
  return { ...findings, broken: [...brokenPromises(findings), ...brokenRun(ledger.header)] };
}

/** What must not be, and whether it is counted but allowed where Redis may forget. */
type Breach = readonly [what: string, count: number, forgiven: "never" | "where Redis forgets"];

/** brokenRun says what a run did not keep: each item once, and every repeat marked. */
function brokenRun({ run }: Header): readonly string[] {
  if (run === undefined) return [];
  return [
    ...(run.never > 0 ? [`${run.never} items of the run never signalled`] : []),
    ...(run.twiceUnflagged > 0 ? [`${run.twiceUnflagged} items signalled again, not flagged`] : []),
  ];
}

function brokenPromises(findings: Omit<Findings, "broken">): readonly string[] {
  const { header, twoEffects } = findings;
  const forgets = "where Redis forgets";
  const breaches: readonly Breach[] = [
    ["still queued", findings.stillQueued, "never"],
    ["effects of refused ones", findings.effectsOfRefused.length, "never"],
    ["accepted twice under one key", findings.acceptedTwice.length, "never"],
    ["lost", findings.lost.length, forgets],
    ["forgotten", findings.forgotten.length, forgets],
    ["effects of cancelled ones", findings.effectsOfCancelled.length, forgets],
    ["two effects at at-most-once", twoEffects.atMostOnce.length, forgets],
    ["two effects without possibleDuplicate", twoEffects.unflagged.length, forgets],
    ["two signals of a contact at once", findings.overlapping.length, forgets],
    ["signalled out of order", findings.outOfOrder.length, forgets],
    ["signalled after the end", findings.afterEnd.length, forgets],
    ["windows over the rate", findings.overRate.length, forgets],
    ["dead though all was well", findings.diedAllTheSame.length, forgets],
  ];
  return breaches
    .filter(([, count, forgiven]) => count > 0 && (forgiven === "never" || header.mayForget === "nothing"))
    .map(([what, count]) => `${what}: ${count}`);
}

function storiesOf({ answers, effects, endings }: Ledger): readonly Story[] {
  const effectsOf = Map.groupBy(
    effects.filter(({ effect }) => effect),
    ({ key }) => key,
  );
  const handoffsOf = new Map(endings.map(({ key, handoffs }) => [key, handoffs]));
  return [...Map.groupBy(answers, ({ key }) => key)].flatMap(([key, ofKey]) => {
    const [first] = ofKey;
    if (first === undefined) return [];
    return {
      key,
      guarantee: first.guarantee,
      verdict: verdictOf(ofKey.filter(({ call }) => call === "accept").map(({ answer }) => answer)),
      cancelConfirmed: ofKey.some(({ call, answer }) => call === "cancel" && answer === 200),
      effects: effectsOf.get(key) ?? [],
      handoffs: handoffsOf.get(key) ?? [],
    };
  });
}

function verdictOf(answers: readonly Answer["answer"][]): Story["verdict"] {
  if (answers.includes(202)) return "accepted";
  return answers.includes("lost") ? "unanswered" : "refused";
}

function isLost({ handoffs, effects }: Story): boolean {
  return effects.length === 0 && (handoffs.length === 0 || handoffs.some(({ status }) => status === "delivered"));
}

function isFlagged({ handoffs }: Story): boolean {
  return handoffs.some(({ possibleDuplicate }) => possibleDuplicate);
}

function isSignalledAfterEnd({ handoffs, effects }: Story, clockBackMs: number): boolean {
  const isAfter = (at: number, endedAt: string) => at > Date.parse(endedAt) + CLOCK_MS + clockBackMs;
  return handoffs.some(({ endedAt }) => endedAt !== undefined && effects.some(({ at }) => isAfter(at, endedAt)));
}

/**
 * outOfOrder compares the first effects of each contact's handoffs with their acceptance; what fell due later by its
 * own wish is left out by the producer. Where Redis's clock went back, who was accepted within so long of another says
 * nothing.
 */
function outOfOrder(stories: readonly Story[], clockBackMs: number): readonly string[] {
  const signalled = stories.flatMap(({ key, effects: [first], handoffs: [handoff] }) =>
    first === undefined || handoff === undefined
      ? []
      : { key, contactId: first.contactId, signalledAt: first.at, acceptedAt: Date.parse(handoff.acceptedAt) },
  );
  return [...Map.groupBy(signalled, ({ contactId }) => contactId).values()].flatMap((line) =>
    line
      .filter((one) =>
        line.some((other) => other.acceptedAt + clockBackMs < one.acceptedAt && other.signalledAt > one.signalledAt),
      )
      .map(({ key }) => key),
  );
}

/** requestsByConnector leaves out what CXone refused for its token: it is sent once more within the same attempt. */
function requestsByConnector({ answers, effects }: Ledger): readonly (readonly number[])[] {
  const guaranteeOf = new Map(answers.map(({ key, guarantee }) => [key, guarantee]));
  const own = effects.filter(({ key, status }) => guaranteeOf.has(key) && status !== 401);
  return [...Map.groupBy(own, ({ key }) => guaranteeOf.get(key)).values()].map((some) => some.map(({ at }) => at));
}

/**
 * overRate looks at what arrived, with what the way may have done to it, and at what Baton says it began, which is
 * exact.
 */
function overRate(ledger: Ledger): readonly string[] {
  const { rate, clockBackMs = 0 } = ledger.header;
  if (rate === undefined) return [];
  const excess = (what: string, jitterMs: number) => (instants: readonly number[]) => {
    const worst = excessOver(instants, [{ from: 0, rate }], jitterMs);
    return worst === undefined
      ? []
      : `${worst.count} ${what} in ${worst.until - worst.from} ms, ${Math.floor(worst.allowed)} allowed`;
  };
  return [
    ...requestsByConnector(ledger).flatMap(excess("arrived", TRANSIT_MS)),
    ...attemptsByConnector(ledger).flatMap(excess("begun", CLOCK_MS + clockBackMs)),
  ];
}

function attemptsByConnector({ endings }: Ledger): readonly (readonly number[])[] {
  const handoffs = endings.flatMap((ending) => ending.handoffs);
  return [...Map.groupBy(handoffs, ({ connectorId }) => connectorId).values()].map((own) =>
    own.flatMap(({ attempts }) => attempts.map(({ startedAt }) => Date.parse(startedAt))),
  );
}

function busiestSecond(instants: readonly number[]): number {
  return Math.max(0, ...instants.map((from) => instants.filter((at) => at >= from && at < from + 1_000).length));
}

function hasDied({ handoffs }: Story): boolean {
  return handoffs.some(({ status }) => status === "dead");
}

function longestGap(instants: readonly number[]): number {
  const sorted = instants.toSorted((one, other) => one - other);
  return Math.max(0, ...sorted.slice(1).map((at, index) => at - (sorted[index] ?? at)));
}

/** recovery looks at the handoffs that were accepted before an incident was over and had not ended when it began. */
function recovery(incident: Incident, handoffs: readonly HandoffJson[]): number {
  const lived = handoffs.filter(
    ({ acceptedAt, endedAt }) =>
      Date.parse(acceptedAt) < incident.until && endedAt !== undefined && Date.parse(endedAt) > incident.at,
  );
  return Math.max(0, ...lived.map(({ endedAt = "" }) => Date.parse(endedAt) - incident.until));
}

function countBy(names: readonly string[]): Readonly<Record<string, number>> {
  return Object.fromEntries([...Map.groupBy(names, (name) => name)].map(([name, all]) => [name, all.length]));
}

function keysOf(stories: readonly Story[]): readonly string[] {
  return stories.map(({ key }) => key);
}
