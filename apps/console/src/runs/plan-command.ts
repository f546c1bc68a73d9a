/** The command that makes the same plan, and starts nothing. */
import type { DeadLetterFilter, RunKind } from "../api/shapes.ts";
import { commandOf } from "../ui/command.ts";

/** PlanChoices are what a plan is made of besides its filter. */
export interface PlanChoices {
  readonly includeUnknown: boolean;
  readonly skipEndedContacts: boolean;
}

/** planCommandOf counts and shows what a run of this filter would take. */
export function planCommandOf(kind: RunKind, filter: DeadLetterFilter, choices: PlanChoices): string {
  const { connectorId, reason: [reason] = [], cause, contactId, from, to } = filter;
  return commandOf([`${kind}s`, "start"], {
    connector: connectorId,
    reason,
    cause,
    "contact-id": contactId,
    from,
    to,
    all: Object.keys(filter).length === 0,
    "include-unknown": choices.includeUnknown,
    "skip-ended-contacts": kind === "replay" && choices.skipEndedContacts,
    "dry-run": true,
  });
}
