/** A handoff in words, for a person at a terminal. */
import { styleText } from "node:util";
import type { HandoffJson } from "@baton/api";
import type { AttemptOutcome, HandoffStatus } from "@baton/domain";
import { formatAccountProjectEnvironment } from "./find-connector.ts";
import { formatInstantWithDistance } from "./parse-and-format-instants.ts";
import { terminalWidthIfAny } from "./terminal-output.ts";
import { type Column, formatFields, formatTable } from "./text-table.ts";

type Colour = "green" | "red" | "yellow" | "cyan" | "dim" | "reset";

const STATUS_COLOURS: Readonly<Record<HandoffStatus, Colour>> = {
  queued: "cyan",
  sending: "yellow",
  delivered: "green",
  dead: "red",
  cancelled: "dim",
  discarded: "dim",
};

/** paintHandoffStatus writes a status in its colour; one that a newer admin has, without any. */
export function paintHandoffStatus(status: HandoffStatus, text: string = status): string {
  return styleText(STATUS_COLOURS[status] ?? "reset", text);
}

/** paintAttemptOutcome is green for what CXone took, yellow for what is tried again, red for what is not. */
export function paintAttemptOutcome(outcome: AttemptOutcome, text: string = outcome): string {
  return styleText(colourOfOutcome(outcome), text);
}

/** describeHandoffStatus gives a handoff's status with what it waits for or died of. */
export function describeHandoffStatus({ status, reason, waitingFor }: HandoffJson): string {
  if (status === "dead") return `dead, ${reason}`;
  return waitingFor == null ? status : `${status}, waits for ${waitingFor}`;
}

/**
 * describeHandoff shows a handoff and every attempt; `nameOf` calls its connector by name, where the caller may know
 * it.
 */
export function describeHandoff(handoff: HandoffJson, nameOf?: (connectorId: string) => string): string {
  const {
    id,
    status,
    connectorId,
    contactId,
    callId,
    sharedId,
    acceptedAt,
    deadlineAt,
    nextAttemptAt,
    endedAt,
    replays,
  } = handoff;
  const fields = formatFields({
    handoff: id,
    status: paintHandoffStatus(status, describeHandoffStatus(handoff)),
    connector: nameOf === undefined ? connectorId : `${nameOf(connectorId)} (${connectorId})`,
    project: formatAccountProjectEnvironment(handoff),
    contact: contactId,
    call: callId,
    "shared id": sharedId,
    accepted: formatInstantWithDistance(acceptedAt),
    deadline: formatInstantWithDistance(deadlineAt),
    "next attempt": nextAttemptAt && formatInstantWithDistance(nextAttemptAt),
    ended: endedAt && formatInstantWithDistance(endedAt),
    replays: replays === 0 ? undefined : String(replays),
    "may have arrived": handoff.mayHaveArrived ? describeArrival(handoff) : undefined,
  });
  return handoff.attempts.length === 0
    ? fields
    : `${fields}\n\n${formatTable(handoff.attempts, ATTEMPT_COLUMNS, terminalWidthIfAny())}`;
}

const ATTEMPT_COLUMNS: readonly Column<HandoffJson["attempts"][number]>[] = [
  { title: "#", text: ({ number }) => String(number), align: "right" },
  { title: "STARTED", text: ({ startedAt }) => startedAt },
  { title: "TOOK", text: ({ durationMs }) => (durationMs === undefined ? "" : `${durationMs} ms`), align: "right" },
  { title: "OUTCOME", text: ({ outcome }) => paintAttemptOutcome(outcome) },
  { title: "HTTP", text: ({ httpStatus }) => String(httpStatus ?? "") },
  { title: "DETAIL", text: ({ detail }) => detail ?? "", flexible: "cut" },
];

function describeArrival({ possibleDuplicate }: HandoffJson): string {
  return possibleDuplicate
    ? "yes, and it was sent again after that: possibly twice"
    : "yes: an attempt got no trustworthy answer";
}

function colourOfOutcome(outcome: AttemptOutcome): Colour {
  switch (outcome) {
    case "accepted":
      return "green";
    case "throttled":
    case "unavailable":
    case "unreachable":
    case "ambiguous":
    case "interrupted":
      return "yellow";
    case "rejected":
    case "unauthorized":
    case "redirected":
      return "red";
    default:
      // A word of a newer admin.
      return "reset";
  }
}
