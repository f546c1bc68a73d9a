/** What there is to know of a handoff, in words: what happened, what it waits for, and what to do. */
import type { AuditEntryJson, HandoffDetailsJson, HandoffJson, Overview, ReceivedCause } from "@baton/api";
import { describeDeadHandoffRemedy } from "@baton/api/dead-letter-remedy";
import type { AttemptOutcome, WaitingFor } from "@baton/domain";
import { formatInstantWithDistance } from "./parse-and-format-instants.ts";

/** Diagnosis is what `baton why` prints. Instants are RFC 3339. */
export interface Diagnosis {
  readonly happened: readonly { readonly at: string; readonly text: string }[];
  /** How it stands, and what it waits for. */
  readonly now: string;
  /** What a person can do; absent where nothing is needed. */
  readonly todo?: string;
}

/** ConnectorFigures are the overview's of its connector. */
export type ConnectorFigures = Overview["connectors"][number];

/**
 * DiagnosisContext is what is known besides the handoff: its connector's name, and its figures where admin was asked.
 */
export interface DiagnosisContext {
  readonly connector: string;
  readonly figures?: ConnectorFigures | undefined;
  /** Everything's pause and workers, where admin was asked. */
  readonly everything?:
    | (Pick<Overview, "pausedSince" | "pausedUntil"> & Partial<Pick<Overview, "workers">>)
    | undefined;
  /** What it died of, where it is dead and admin was asked. */
  readonly cause?: ReceivedCause | undefined;
  /** The audit's records of its replays by hand. */
  readonly replays?: readonly AuditEntryJson[] | undefined;
}

type Attempt = HandoffDetailsJson["attempts"][number];

/** diagnoseHandoff puts a handoff into words. */
export function diagnoseHandoff(handoff: HandoffDetailsJson, context: DiagnosisContext): Diagnosis {
  const todo = whatToDo(handoff, context);
  return {
    happened: eventsOf(handoff, context),
    now: describeState(handoff, context),
    ...(todo !== undefined && { todo }),
  };
}

function eventsOf(handoff: HandoffDetailsJson, { cause, replays = [] }: DiagnosisContext): Diagnosis["happened"] {
  const { acceptedAt, attempts, endedAt } = handoff;
  const ended = endedAt === undefined ? undefined : describeEnd(handoff, cause);
  const events = [
    { at: acceptedAt, text: describeAcceptance(handoff) },
    ...replays.map((replay) => ({ at: replay.at, text: describeReplay(replay) })),
    ...attempts.map((attempt) => ({ at: attempt.startedAt, text: describeAttempt(attempt) })),
    ...(handoff.answer === undefined ? [] : [{ at: handoff.answer.at, text: describeAnswer(handoff.answer) }]),
    ...(endedAt !== undefined && ended !== undefined ? [{ at: endedAt, text: ended }] : []),
  ];
  return events.toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));
}

/** A record keeps the number of its replays, not their instants, nor those of the deaths before. */
function describeAcceptance({ contactId, deadlineAt, replays }: HandoffJson): string {
  const accepted = `Baton accepted it for contact ${contactId}`;
  if (replays === 0) return `${accepted}, until ${deadlineAt}.`;
  const times = replays === 1 ? "It died later and was replayed" : `It died later and was replayed ${replays} times`;
  return `${accepted}. ${times}, with a new deadline and all its attempts each time.`;
}

function describeReplay({ actor, note }: AuditEntryJson): string {
  return `It had died, and ${actor.name} replayed it${note === undefined ? "" : `: ${note}`}.`;
}

/** NEWER_WORD follows a word that a newer admin has. */
const NEWER_WORD = "which a newer baton explains";

const OUTCOMES: Readonly<Record<AttemptOutcome, string>> = {
  accepted: "CXone accepted the signal",
  rejected: "CXone refused this contact or these parameters",
  unauthorized: "CXone refused the connector's keys",
  throttled: "CXone asked to wait",
  unavailable: "CXone said that it is out of order",
  unreachable: "CXone could not be reached; nothing was sent",
  ambiguous: "sent, but no trustworthy answer: the caller may already have been handed over",
  interrupted: "the worker died while it was sending: the caller may already have been handed over",
  redirected: "CXone sent Baton to another address, which it does not follow",
};

/** describeAnswer says what its sender was answered, and when. */
function describeAnswer({ status, afterMs, waitMs }: NonNullable<HandoffDetailsJson["answer"]>): string {
  if (waitMs === undefined) return `Baton answered its sender ${status} after ${afterMs} ms.`;
  const asked = `${Math.round(waitMs / 1_000)} s`;
  return `Baton answered its sender ${status} after ${afterMs} ms; it had asked to wait up to ${asked} for the end.`;
}

function describeAttempt({ number, outcome, httpStatus, detail, durationMs, retryAfterMs }: Attempt): string {
  const answer = [httpStatus, detail].filter((part) => part !== undefined).join(" ");
  const took = durationMs === undefined ? "" : `, after ${durationMs} ms`;
  const asked = retryAfterMs === undefined ? "" : describeRetryAfter(outcome, retryAfterMs);
  return `Attempt ${number}: ${OUTCOMES[outcome] ?? outcome}${asked}${answer === "" ? "" : ` (${answer})`}${took}.`;
}

/** describeRetryAfter goes on from an outcome's words, of which one's say already that CXone asked to wait. */
function describeRetryAfter(outcome: AttemptOutcome, retryAfterMs: number): string {
  const wait = `${Math.ceil(retryAfterMs / 1_000)} s`;
  return outcome === "throttled" ? ` ${wait}` : ` and asked to wait ${wait}`;
}

function describeEnd({ status, reason, attempts }: HandoffJson, cause: ReceivedCause | undefined): string | undefined {
  switch (status) {
    case "delivered":
      return "It is delivered.";
    case "cancelled":
      return "It was taken back before it was sent.";
    case "discarded":
      return "An operator discarded it.";
    case "dead":
      return `It died: ${reason}${describeLastWait(cause)}${attempts.length === 0 ? ", before anything was sent" : ""}.`;
    case "queued":
    case "sending":
      return undefined;
  }
}

function describeLastWait(cause: ReceivedCause | undefined): string {
  return cause?.waitingFor === undefined ? "" : `, while it waited for ${cause.waitingFor}`;
}

function describeState(handoff: HandoffJson, context: DiagnosisContext): string {
  switch (handoff.status) {
    case "queued":
      return `It is queued. ${describeWait(handoff, context)} ${describeDeadline(handoff, context)}`;
    case "sending":
      return `A worker is sending it now. ${describeDeadline(handoff, context)}`;
    case "delivered":
      return `CXone accepted the signal. Nothing is left to do.${describeDuplicate(handoff)}`;
    case "dead":
      return `It is a dead letter (${handoff.reason}): Baton does not try again by itself.${describeDuplicate(handoff)}`;
    case "cancelled":
      return `It was cancelled and is not sent.${describeDuplicate(handoff)}`;
    case "discarded":
      return "It was given up and will not be replayed.";
    default:
      return `It is ${String(handoff.status)}, ${NEWER_WORD}.`;
  }
}

function describeDuplicate({ possibleDuplicate }: HandoffJson): string {
  return possibleDuplicate ? " The contact may have been signalled twice." : "";
}

function describeDeadline(handoff: HandoffJson, context: DiagnosisContext): string {
  return `${describeNext(handoff, context)}Its deadline is ${formatInstantWithDistance(handoff.deadlineAt)}.`;
}

/** While a pause holds it, the next attempt is made when that ends, whatever instant it was due at. */
function describeNext({ waitingFor, nextAttemptAt }: HandoffJson, context: DiagnosisContext): string {
  if (waitingFor === "pause") {
    const { pausedUntil } = pauseOf(context).pause ?? {};
    return pausedUntil === undefined ? "It goes on once that is resumed. " : `It goes on at ${pausedUntil}. `;
  }
  return nextAttemptAt === undefined ? "" : `Next attempt ${formatInstantWithDistance(nextAttemptAt)}. `;
}

/** describeWait says what keeps it, and until when that is known to last. */
function describeWait({ waitingFor }: HandoffJson, context: DiagnosisContext): string {
  const { connector, figures } = context;
  const waits: Readonly<Record<WaitingFor, string>> = {
    delay: "Its sender asked for a delay, which is not over.",
    retry: "The attempt before failed; the next one follows after a pause.",
    rate: `It waits for ${connector}'s rate: others go first.`,
    share: `It waits for a free place of ${connector}'s: so many of its signals are being sent as may be at once.`,
    breaker: `It waits for ${connector}'s breaker, open${describeInstant(" since", figures?.breakerSince)}: CXone failed too often; one signal at a time probes it${describeInstant(", the next at", figures?.nextProbeAt)}.`,
    throttle: `CXone throttles ${connector}${describeInstant(" since", figures?.heldSince)}${describeInstant(" until", figures?.heldUntil)}.`,
    token: `${connector} has no token: CXone's identity service gave none.`,
    keys: "No worker that looked at it has the key that it is sealed under.",
    order: "An earlier handoff of the same contact goes first.",
    pause: describePause(context),
  };
  if (waitingFor == null)
    return hasNoWorker(context) ? NO_WORKER : "It waits for nothing but a worker with a free place.";
  return waits[waitingFor] ?? `It waits for ${waitingFor}, ${NEWER_WORD}.`;
}

const NO_WORKER = "It waits for a worker, and none runs.";

function hasNoWorker({ everything }: DiagnosisContext): boolean {
  return everything?.workers === 0;
}

function describePause(context: DiagnosisContext): string {
  const { what, pause } = pauseOf(context);
  return `${what} is paused by an operator${describeInstant(" since", pause?.pausedSince)}${describeInstant(" until", pause?.pausedUntil)}.`;
}

/** pauseOf is the pause that holds it: its connector's own, or everything's. */
function pauseOf({ connector, figures, everything }: DiagnosisContext) {
  return figures?.paused === false ? { what: "Everything", pause: everything } : { what: connector, pause: figures };
}

/** describeInstant puts words before an instant; nothing where it is not known. */
function describeInstant(words: string, at: string | undefined): string {
  return at === undefined ? "" : `${words} ${formatInstantWithDistance(at)}`;
}

function whatToDo(handoff: HandoffJson, context: DiagnosisContext): string | undefined {
  if (handoff.status === "dead") return todoWhenDead(handoff, context);
  if (handoff.status !== "queued") return undefined;
  return todoWhenQueued(handoff, context);
}

function todoWhenDead(handoff: HandoffJson, { cause }: DiagnosisContext): string {
  const force = handoff.mayHaveArrived ? " --force" : "";
  const command = `\`baton dead-letters replay ${handoff.id}${force}\` queues it again`;
  return `${describeDeadHandoffRemedy(handoff, cause) ?? ""} ${command}${handoff.mayHaveArrived ? "; ask first whether the caller was handed over" : ""}.`;
}

/** The audit has a pause of everything under its action: it is of no one's id. */
function todoWhenPaused({ connectorId }: HandoffJson, { figures }: DiagnosisContext): string {
  const [resumed, asked] =
    figures?.paused === false ? ["--all", "--action everything.pause"] : [connectorId, `--id ${connectorId}`];
  return `\`baton connectors resume ${resumed}\`, once the reason is gone; \`baton audit ${asked}\` says who paused it and why.`;
}

function todoWhenQueued(handoff: HandoffJson, context: DiagnosisContext): string {
  const { waitingFor, contactId, connectorId, id } = handoff;
  const verify = `\`baton connectors verify ${connectorId}\` says whether CXone is back; \`baton connectors resume ${connectorId}\` tries at once.`;
  const nothing = `Nothing: Baton sends it by itself. \`baton handoff cancel ${id}\` takes it back.`;
  const todos: Readonly<Record<WaitingFor, string>> = {
    delay: nothing,
    retry: nothing,
    rate: "Nothing, if its deadline allows; else raise the connector's `delivery.rate`, if CXone allows more.",
    share: `\`baton connectors verify ${connectorId}\` says how fast CXone answers; more workers give it more room.`,
    breaker: verify,
    throttle: verify,
    token: verify,
    keys: "`baton doctor` names the key, and the worker that lacks it.",
    order: `\`baton handoff search --contact-id ${contactId}\` shows the one before it.`,
    pause: todoWhenPaused(handoff, context),
  };
  if (waitingFor == null && hasNoWorker(context)) return "Start `baton worker`: it goes on where the last one stopped.";
  if (waitingFor == null) return "Nothing, if it leaves within seconds; else `baton doctor` says whether workers run.";
  return todos[waitingFor] ?? nothing;
}
