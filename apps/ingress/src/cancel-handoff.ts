/** Cancelling: a handoff is taken back while it is queued. */
import { createCancelRefusal } from "@baton/domain";
import type { CancelResult } from "@baton/handoffs";
import type { StoredHandoff } from "@baton/handoffs/handoff-record";
import type { HandoffLookup } from "./get-and-list-handoffs.ts";
import { withAnswerDeadline } from "./request-answer-deadline.ts";
import { notFoundRefusal } from "./shared-refusals.ts";

interface Deps {
  readonly handoffs: { cancel(id: string, connectorId: string): Promise<CancelResult> };
  /** Resolves once the cancel is as safe as `BATON_DURABILITY` asks; throws when it is not in time. */
  readonly waitUntilReplicated: (id: string) => Promise<void>;
  readonly onCancelled: (connectorId: string) => void;
}

/**
 * createCancelHandoff gives one that was cancelled before as it is; throws Refusal `not-found`, `already-sending` or
 * `already-ended`.
 */
export function createCancelHandoff({
  handoffs,
  waitUntilReplicated,
  onCancelled,
}: Deps): (asked: HandoffLookup) => Promise<StoredHandoff> {
  return async ({ connectorId, id, answerBy }) => {
    const cancelled = await withAnswerDeadline(handoffs.cancel(id, connectorId), answerBy);
    switch (cancelled.kind) {
      case "not-found":
        throw notFoundRefusal("handoff", id);
      case "already-sending":
        throw createCancelRefusal(id, "sending");
      case "already-ended":
        throw createCancelRefusal(id, cancelled.status);
      case "cancelled":
        onCancelled(connectorId);
        break;
      case "repeated":
        break;
    }
    // Of a repeated one, too: the caller may have been answered 503 the first time.
    await withAnswerDeadline(waitUntilReplicated(id), answerBy);
    return cancelled.stored;
  };
}
