/** What happened to a handoff, in words, the newest first. */
import type { AttemptOutcome, AuditEntryJson, HandoffDetailsJson } from "../api/answer-types.ts";
import { deadReasonTitle } from "../dead-letters/cause-title.ts";
import {
  capitalize,
  formatDuration,
  formatDurationInWholeSeconds,
  formatTimeOfDay,
} from "../ui/format-numbers-and-times.ts";
import type { Tone } from "../ui/tone.ts";
import { describeWaitingReason } from "./waiting-reason.ts";

/** TimelineEntry is one entry; without `at` it is how things stand now. */
export interface TimelineEntry {
  readonly at?: string;
  readonly tone: Tone;
  readonly text: string;
  /** CXone's words, or an operator's. */
  readonly quote?: string;
}

/** buildHandoffTimeline lists everything that is known; `changes` are the audit's entries about this handoff. */
export function buildHandoffTimeline(
  handoff: HandoffDetailsJson,
  changes: readonly AuditEntryJson[],
  now: number,
): readonly TimelineEntry[] {
  const past = [
    acceptedEntry(handoff, now),
    ...handoff.attempts.map(attemptEntry),
    ...answerEntries(handoff),
    ...changes.map(changeEntry),
    ...endEntries(handoff),
  ];
  const order = (entry: TimelineEntry) => Date.parse(entry.at ?? "");
  return [...currentEntries(handoff, now), ...past.toSorted((a, b) => order(b) - order(a))];
}

/** A sender waits for so long at most (`Prefer: wait`), and a 202 that took less than USUAL_ANSWER is not kept. */
const LONGEST_WAIT_MS = 30_000;
const USUAL_ANSWER = "202 within 250 ms";

function acceptedEntry(handoff: HandoffDetailsJson, now: number): TimelineEntry {
  const { acceptedAt, deadlineAt, replays } = handoff;
  const deadline = formatTimeOfDay(Date.parse(deadlineAt), now, { seconds: true });
  const later = formatDuration(Date.parse(deadlineAt) - Date.parse(acceptedAt));
  // A replay gives another deadline: that of the first time is not known any more.
  const until = replays > 0 ? "" : ` Deadline ${deadline}, ${later} later.`;
  return {
    at: acceptedAt,
    tone: "plain",
    text: `Accepted from its sender${describeUnrecordedAnswer(handoff, now)}.${until}`,
  };
}

/** describeUnrecordedAnswer says what it means that no answer to the sender is on record; it may be still to come. */
function describeUnrecordedAnswer({ acceptedAt, answer }: HandoffDetailsJson, now: number): string {
  if (answer !== undefined || now - Date.parse(acceptedAt) <= LONGEST_WAIT_MS) return "";
  return `: answered ${USUAL_ANSWER}, unless it came in a batch or its sender hung up`;
}

/** answerEntries say what its sender was answered, where that is more than an ordinary 202. */
function answerEntries({ answer }: HandoffDetailsJson): readonly TimelineEntry[] {
  if (answer === undefined) return [];
  const { at, status, afterMs, waitMs } = answer;
  if (waitMs === undefined) {
    return [{ at, tone: "plain", text: `Answered its sender ${status}, after ${formatDuration(afterMs)}.` }];
  }
  const outcome = status === 200 ? "200: how it ended" : `${status}: it had not ended`;
  return [{ at, tone: "plain", text: `Its sender waited ${formatDuration(afterMs)}, then was answered ${outcome}.` }];
}

type Attempt = HandoffDetailsJson["attempts"][number];

const OUTCOMES: Readonly<Record<AttemptOutcome, readonly [Tone, string]>> = {
  accepted: ["good", "CXone accepted the signal"],
  rejected: ["bad", "CXone refused this contact or its parameters"],
  unauthorized: ["bad", "CXone refused the access token"],
  throttled: ["warn", "CXone asked to slow down"],
  unavailable: ["warn", "CXone was unavailable"],
  unreachable: ["warn", "CXone could not be reached; nothing was sent"],
  ambiguous: ["warn", "Sent, but no trustworthy answer"],
  interrupted: ["warn", "The worker died while it sent this"],
  redirected: ["bad", "CXone answered with a redirect, which is not followed"],
};

/** After these the signal may have reached the contact. */
const MAY_HAVE_ARRIVED: ReadonlySet<AttemptOutcome> = new Set(["ambiguous", "interrupted"]);

function attemptEntry(attempt: Attempt): TimelineEntry {
  const { number, startedAt, durationMs, outcome, httpStatus, detail } = attempt;
  const tone = OUTCOMES[outcome][0];
  const facts = [
    httpStatus === undefined ? "" : String(httpStatus),
    durationMs === undefined ? "" : formatDuration(durationMs),
  ];
  const known = facts.filter((fact) => fact !== "");
  const behind = known.length === 0 ? "" : ` (${known.join(", ")})`;
  const meaning = MAY_HAVE_ARRIVED.has(outcome) ? ": the caller may already have been handed over" : "";
  return {
    at: startedAt,
    tone,
    text: `Attempt ${number}: ${describeAttemptOutcome(attempt)}${behind}${meaning}.`,
    ...(detail === undefined ? {} : { quote: detail }),
  };
}

/** describeAttemptOutcome says what CXone answered, and for how long it asked to wait. */
function describeAttemptOutcome({ outcome, retryAfterMs }: Attempt): string {
  const words = OUTCOMES[outcome][1];
  if (retryAfterMs === undefined) return words;
  const wait = `asked to wait ${formatDuration(retryAfterMs)}`;
  return outcome === "throttled" ? `CXone ${wait}` : `${words} and ${wait}`;
}

const CHANGE_WORDS: Readonly<Record<string, string>> = {
  "handoff.cancel": "took it back",
  "dead-letter.replay": "replayed it",
  "dead-letter.discard": "discarded it",
};

function changeEntry({ at, action, actor, outcome, note, problem }: AuditEntryJson): TimelineEntry {
  const change = CHANGE_WORDS[action] ?? action;
  const text =
    outcome === "done" ? `${actor.name} ${change}.` : `${actor.name} tried: ${change} (${problem ?? outcome}).`;
  return { at, tone: "accent", text, ...(note === undefined ? {} : { quote: note }) };
}

function endEntries({ status, reason, endedAt, mayHaveArrived }: HandoffDetailsJson): readonly TimelineEntry[] {
  if (endedAt === undefined) return [];
  if (status === "delivered") return [{ at: endedAt, tone: "good", text: "Delivered." }];
  if (status === "dead") {
    const arrived = mayHaveArrived ? " It may have arrived nevertheless." : "";
    const why = reason === undefined ? "dead" : deadReasonTitle(reason);
    return [{ at: endedAt, tone: "bad", text: `Became a dead letter: ${why}.${arrived}` }];
  }
  return [{ at: endedAt, tone: "plain", text: `${capitalize(status)}.` }];
}

/** How it stands now, where it has not ended. */
function currentEntries(handoff: HandoffDetailsJson, now: number): readonly TimelineEntry[] {
  const { status, nextAttemptAt, deadlineAt } = handoff;
  const left = Date.parse(deadlineAt) - now;
  const deadline =
    left > 0 ? `${formatDurationInWholeSeconds(left)} left before the deadline` : "its deadline has passed";
  if (status === "sending") return [{ tone: "accent", text: `An attempt is being made now; ${deadline}.` }];
  if (status !== "queued") return [];
  const next = Date.parse(nextAttemptAt ?? "");
  if (Number.isNaN(next) || next <= now) {
    return [{ tone: "accent", text: `${describeWait(handoff)}; ${deadline}.` }];
  }
  const before = formatDuration(Date.parse(deadlineAt) - next);
  const at = formatTimeOfDay(next, now, { seconds: true });
  const what = handoff.waitingFor === "breaker" ? "Next probe" : "Next try";
  return [{ tone: "accent", text: `${describeWait(handoff)}. ${what} ${at}, ${before} before the deadline.` }];
}

/** describeWait says what it waits for; where that is what CXone asked it for, in CXone's words. */
function describeWait({ waitingFor, attempts }: HandoffDetailsJson): string {
  const asked = waitingFor === "retry" ? attempts.at(-1)?.retryAfterMs : undefined;
  return asked === undefined
    ? capitalize(describeWaitingReason(waitingFor))
    : `CXone asked to wait ${formatDuration(asked)}`;
}
