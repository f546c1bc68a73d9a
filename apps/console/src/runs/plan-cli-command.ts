/** The command that makes the same plan, and starts nothing. */
import type { DeadLetterFilter, RunKind } from "../api/answer-types.ts";
import { formatBatonCommand } from "../ui/format-baton-command.ts";

/** PlanChoices are what a plan is made of besides its filter. */
export interface PlanChoices {
  readonly includeUnknown: boolean;
  readonly skipEndedContacts: boolean;
}

/** formatPlanCliCommand writes the command that counts and shows what a run of this filter would take. */
export function formatPlanCliCommand(kind: RunKind, filter: DeadLetterFilter, choices: PlanChoices): string {
  const { connectorId, reason: [reason] = [], cause, contactId, from, to } = filter;
  return formatBatonCommand([`${kind}s`, "start"], {
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
